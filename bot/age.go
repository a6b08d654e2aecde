package bot

import "time"

// Bracket is what the law makes of an age.
type Bracket string

// The brackets. Nobody may employ or introduce to work a person under 16 (禁止使用童工规定 §2, §7). From 16 to 17 some
// work is closed (劳动法 §58, §64; 未成年人保护法 §61).
const (
	Under16  Bracket = "under16"
	Birthday Bracket = "birthday" // the year alone does not tell: whether this year's birthday is past decides it
	Minor    Bracket = "minor"
	Adult    Bracket = "adult"
)

// Bracket returns the bracket at t.
func (b Birth) Bracket(t time.Time) Bracket {
	low, high := b.AtLeast(t), b.AtMost(t)
	switch {
	case high < 16:
		return Under16
	case low < 16, low < 18 && high >= 18:
		return Birthday
	case high < 18:
		return Minor
	}
	return Adult
}

// WithBirthday adds what somebody said at t of this year's birthday.
func (b Birth) WithBirthday(past bool, t time.Time) Birth {
	b.Age = t.In(Xiamen).Year() - b.BirthYear()
	if !past {
		b.Age--
	}
	b.On = DateOf(t)
	return b
}

// What a session remembers across dialogues, by name.
const (
	FactUnder16 = "under16" // this person said that they are not 16 yet: no dialogue introduces them to work
	FactCase    = "case"    // the dispute that was filed or looked at last: what is sent soon after belongs to it
	FactPost    = "post"    // the post that was looked at last
	FactAlerts  = "alerts"  // when this person was last told of new posts, RFC 3339; "" without alerts
)

// JudgeAge is the handler of the questions for the age, in every dialogue that has the fields "birth" (Birth) and
// "birthday" (bool): Answered for who may work, "birthday" where the year alone does not tell, "under16" for who may
// not, which the session remembers then.
func JudgeAge(t *Turn) (Outcome, error) {
	v, err := BirthOrAge.Decode(t.Form["birth"].Reveal())
	if err != nil {
		return "", err
	}
	birth, _ := v.(Birth)
	if past, ok := t.Form["birthday"]; ok {
		birth = birth.WithBirthday(string(past.Reveal()) == "true", t.Now)
		delete(t.Form, "birthday") // it is in the age now
		if err := t.Form.Set("birth", birth); err != nil {
			return "", err
		}
	}
	switch birth.Bracket(t.Now) {
	case Under16:
		t.Remember(FactUnder16, "yes")
		return "under16", nil
	case Birthday:
		return "birthday", nil
	}
	return Answered, nil
}
