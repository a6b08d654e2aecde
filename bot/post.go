package bot

import "time"

// PostID names a post.
type PostID string

// PostState is where a post is in its life.
type PostState string

// The states of a post. Workers see published ones that have not expired.
const (
	PostDraft     PostState = "draft"
	PostReview    PostState = "review"
	PostPublished PostState = "published"
	PostPaused    PostState = "paused"
	PostFull      PostState = "full"
	PostClosed    PostState = "closed"
)

// PostStates lists all of them.
var PostStates = []PostState{PostDraft, PostReview, PostPublished, PostPaused, PostFull, PostClosed}

// Post is one piece of work that is offered.
type Post struct {
	ID         PostID
	State      PostState
	Trade      TradeID
	Title      string
	Headcount  int
	Filled     int
	Employer   string
	Contact    Personal // phone of the employer's contact; staff only
	Content    string   // what is to be done
	Conditions string
	District   District
	Place      string // street or the name that people use, "马巷"
	Address    string
	Meet       string // where to meet
	Contract   string // kind of employment, as the employer put it
	Pay        Pay    // Min 0 where it is to be agreed
	PayText    string // as the employer put it
	Settle     Settle
	Start      Date
	End        Date
	From       Clock // daily working time
	To         Clock
	Shift      Shift
	AgeMin     int
	AgeMax     int
	MinorOK    bool // set by staff only: may be shown to 16- and 17-year-olds (未成年人保护法 §61, 劳动法 §64)
	Cert       string
	Meals      bool
	Lodging    bool
	Insurance  string
	Urgent     bool
	Expires    time.Time
	Verified   time.Time // when somebody last checked that it is true
	Source     string    // where it came from, for imports
	Sample     bool      // shown as 【示例】
}

// Left is how many people are still wanted.
func (p Post) Left() int { return max(0, p.Headcount-p.Filled) }

// Open reports whether somebody can apply at t.
func (p Post) Open(t time.Time) bool {
	return p.State == PostPublished && p.Left() > 0 && p.Expires.After(t)
}

// Query asks for posts; what is zero does not narrow.
type Query struct {
	Trades    []TradeID  // any of them
	Districts []District // any of them
	Place     string     // posts there come first; it does not narrow
	Pay       Pay        // posts that pay at least Min per Unit
	Date      Date       // posts that are running on that day
	Settle    Settle
	Shift     Shift
	Meals     bool
	Lodging   bool
	Minor     bool      // for somebody who may be under 18: MinorOK posts only
	Since     time.Time // posts that were verified after it
	Now       time.Time
	Offset    int
	Limit     int // at most 50
}

// Found is a page of posts, the best first.
type Found struct {
	Posts []Post
	More  bool // there are others after these
}

// Application is a worker's wish to take a post.
type Application struct {
	Number string
	Post   PostID
	Worker WorkerID
	Party  int // how many come, the worker included
	State  ApplicationState
	At     time.Time
}

// ApplicationState is where an application is.
type ApplicationState string

// The states of an application.
const (
	Applied   ApplicationState = "applied"
	Withdrawn ApplicationState = "withdrawn"
)

// Station is a place where people look for and are given work: 零工市场 or 零工驿站.
type Station struct {
	ID       string
	Name     string
	Aliases  []string
	Kind     StationKind
	District District // "" where the operator has not settled it
	Street   string
	Address  string
	Hours    string
	Phone    string // public
	Services string
	Trades   []TradeID
	Manager  Personal
	Verified time.Time
	Sample   bool
}

// StationKind tells a market from a station.
type StationKind string

// The kinds of station.
const (
	Market StationKind = "market"
	Stop   StationKind = "station"
)
