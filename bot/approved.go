package bot

// Scheme is who may have to pay when somebody is hurt at work.
type Scheme string

// The schemes, in the order in which they are looked at: whoever takes orders from a platform is covered by that order,
// an employee by the statutory insurance, and everybody else may have the accident insurance for gig workers.
const (
	PlatformScheme Scheme = "platform" // 新就业形态职业伤害保障
	EmployeeScheme Scheme = "employee" // 工伤保险
	YiluScheme     Scheme = "yilu"     // 益鹭保
)

// Schemes are all schemes.
var Schemes = []Scheme{PlatformScheme, EmployeeScheme, YiluScheme}

// Approved is what may be said to a question about insurance. Every word of it is the operator's, approved by somebody; Yilu
// shows it as it is, and makes up none.
type Approved struct {
	ID         string // with its version
	Scheme     Scheme
	Topic      InsuranceTopic
	Short      string // 120 characters at most
	Long       string
	Link       string
	Hotline    string
	Source     string
	ApprovedBy string // "" where nobody has approved it: it is not shown
	From, To   Date   // valid on both; To "" for no end
	Sample     bool
}

// Valid reports that the answer may be shown on the day.
func (a Approved) Valid(on Date) bool {
	return a.Short != "" && a.Source != "" && a.ApprovedBy != "" && a.From != "" && a.From <= on && (a.To == "" || on <= a.To)
}
