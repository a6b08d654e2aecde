package understand

// The files of the lexicon, as they are written. What each table means stands in the files.

type tradesFile struct {
	Block    []string
	Anything []string
	Trade    []struct {
		ID    string
		Name  map[string]string
		Group string
		Flags []string
		Words []string
		Weak  []string
	}
	Ambiguous []struct {
		Words  []string
		Trades []string
		Settle map[string][]string
		Weak   bool
	}
}

type placesFile struct {
	Block      []string
	City       []string
	Anywhere   []string
	FromBefore []string `toml:"from_before"`
	FromLead   []string `toml:"from_lead"`
	FromTail   []string `toml:"from_tail"`
	FromAfter  []string `toml:"from_after"`
	District   []struct {
		ID      string
		Name    map[string]string
		Words   []string
		Places  []string
		Aliases map[string][]string
	}
	Several []struct {
		Words     []string
		Districts []string
	}
	Outside struct {
		Name   map[string]string
		Places []string
	}
}

type valuesFile struct {
	Common string // characters that stand for themselves in voice typing
	Simple string // traditional and simplified characters in turn
	Number struct {
		Digits   []string
		Ten      string
		Hundred  string
		Thousand string
		Myriad   string
		Twenty   string
		Thirty   string
		K        []string
		W        []string
		Circled  string
		Nth      string
		One      string
		Come     string
		Times    string
		CheckX   []string `toml:"check_x"`
		Block    []string
		Words    map[string]int32
		Ordinals map[string]int32
	}
	Choice map[string][]string
	Pay    struct {
		Yuan, Hundred, Dime, Approx, Above, Below, To, Per, Open, Between []string
		DayHint                                                           []string `toml:"day_hint"`
		MoneyBefore                                                       []string `toml:"money_before"`
		Refused, Was                                                      []string
		Prefix, Unit                                                      map[string][]string
	}
	Settle, Shift, Board, Amount, Phone map[string][]string
	Day                                 struct {
		dayFile
		Weekdays []string
		English  map[string]int32
		Feast    map[string][]string
	}
	Time   map[string][]string
	Birth  map[string][]string
	Party  map[string][]string
	YesNo  map[string][]string
	Told   map[string][]string
	Filler map[string][]string
	Deny   []string
}

type dayFile struct {
	Today, Tomorrow, Past, Week, This, Next, Weekend, Year, Month, Date, Lunar []string
	AfterTomorrow                                                              []string `toml:"after_tomorrow"`
	AnyTime                                                                    []string `toml:"any_time"`
	AtOnce                                                                     []string `toml:"at_once"`
	InThreeDays                                                                []string `toml:"in_three_days"`
	DaysLater                                                                  []string `toml:"days_later"`
	WeeksLater                                                                 []string `toml:"weeks_later"`
	InBefore                                                                   []string `toml:"in_before"`
	InAfter                                                                    []string `toml:"in_after"`
	MonthEnd                                                                   []string `toml:"month_end"`
	NextMonthEnd                                                               []string `toml:"next_month_end"`
	NextMonth                                                                  []string `toml:"next_month"`
	NextWeek                                                                   []string `toml:"next_week"`
	AfterNext                                                                  []string `toml:"after_next"`
	Last                                                                       []string
	Vague                                                                      []string
	BeforeLast                                                                 []string         `toml:"before_last"`
	LastWeek                                                                   []string         `toml:"last_week"`
	LastMonth                                                                  []string         `toml:"last_month"`
	DaysAgo                                                                    []string         `toml:"days_ago"`
	DayBefore                                                                  [][]string       `toml:"day_before"`
	LunarCalendar                                                              []string         `toml:"lunar_calendar"`
	LunarMonth                                                                 map[string]int32 `toml:"lunar_month"`
	LunarDay                                                                   [][]string       `toml:"lunar_day"`
}

type commandsFile struct {
	Filler  []string
	Command []struct {
		Intent string
		Words  []string
	}
}

type intentsFile struct {
	Rule []struct {
		Intent     string
		Reason     string
		Confidence float64
		Need       [][]string
		Not        []string
	}
}

type factsFile struct {
	Kind, Topic []struct {
		ID   string
		Need [][]string
		Not  []string
	}
}

type fieldsFile struct {
	Field map[string][]string
	Cue   struct{ Strong, Weak, Unless []string }
}

type emergencyFile struct {
	Deny, Bridge, Past, Done, Harmless, Lesson, Tale, Over, Aftermath, Acute, Now, Self []string

	NotNow            []string `toml:"not_now"`
	NotDone           []string `toml:"not_done"`
	Emergency, Crisis struct {
		Words     []string
		Patterns  []string
		SkipAfter []string `toml:"skip_after"`
		Certain   []string
		Climb     []string
		Blows     []string
		NotBlow   []string `toml:"not_blow"`
		Fights    []string
		NotFight  []string `toml:"not_fight"`
	}
}

type namesFile struct {
	Surnames, Doubtful                                                    string
	Before                                                                string
	BeforeSurname                                                         string `toml:"before_surname"`
	BeforeTwo                                                             string `toml:"before_two"`
	AloneNot                                                              string `toml:"alone_not"`
	Cut                                                                   []string
	Double, Stems, After, Lead, Call, Loose, Tail, Spelt, Never, Sentence []string
}
