package records_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"yilu/bot"
	"yilu/bot/cases"
	"yilu/bot/records"
)

func dispute(words string) bot.Dispute {
	return bot.Dispute{Kinds: []bot.DisputeKind{"wage_arrears"}, Name: bot.NewPersonal("陈"), Phone: bot.NewPersonal("13800000000"), Amount: 420000, Facts: bot.NewPersonal(words), Route: bot.RouteLabour}
}

func caseOf(t testing.TB, r *records.Records, number string) bot.Case {
	t.Helper()
	c, err := r.Case(t.Context(), number)
	must(t, err)
	return c
}

// story is the history of a case in short.
func story(c bot.Case) string {
	var out []string
	for i, e := range c.History {
		if e.Seq != int64(i+1) {
			out = append(out, fmt.Sprint("a gap before ", e.Seq))
		}
		out = append(out, fmt.Sprintf("%s %s by %s", e.Action, e.To, e.Actor))
	}
	return strings.Join(out, ", ")
}

// A case is filed once however often its effect comes, holds what was told, takes what the worker adds and takes back, and
// what comes too late goes to staff.
func TestFileCase(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		file := entry(t, "f1", 0, bot.FileCase{Number: "TJ1", Dispute: dispute("没给钱")})
		apply(t, r, file, file)
		apply(t, r, file)
		c := caseOf(t, r, "TJ1")
		if c.State != bot.CaseSubmitted || c.Version != 1 || c.Dispute.Amount != 420000 || c.Dispute.Facts.Reveal() != "没给钱" || story(c) != "submit submitted by worker" {
			t.Errorf("got %+v, %s", c, story(c))
		}
		// The ledger was set back, and the worker told another story under the same number.
		apply(t, r, entry(t, "f1-other-abcdef", 0, bot.FileCase{Number: "TJ1", Dispute: dispute("没退押金")}))
		apply(t, r, entry(t, "f1-same-ghijkl", 0, bot.FileCase{Number: "TJ1", Dispute: dispute("没给钱")}))
		mine, err := r.Cases(t.Context(), c.Worker)
		must(t, err)
		if len(mine) != 2 || !slices.ContainsFunc(mine, func(c bot.Case) bool { return c.Number == "TJ1+abcdef" && len(c.History) == 1 }) {
			t.Errorf("got %+v", mine)
		}
		apply(t, r, entry(t, "a1", 1, bot.AddToCase{Number: "TJ1", Note: bot.NewPersonal("有录音")}))
		apply(t, r, entry(t, "w1", 2, bot.WithdrawCase{Number: "TJ1"}))
		if c := caseOf(t, r, "TJ1"); story(c) != "submit submitted by worker, add submitted by worker, withdraw withdrawn by worker" || c.History[1].Note.Reveal() != "有录音" {
			t.Errorf("got %s", story(c))
		}
		apply(t, r, entry(t, "a2-toolate", 3, bot.AddToCase{Number: "TJ1", Note: bot.NewPersonal("还有话说")}), entry(t, "w2-nocase", 3, bot.WithdrawCase{Number: "TJ9"}))
		var asked []string
		must(t, r.EachRequest(t.Context(), func(q bot.Request) error {
			asked = append(asked, q.Reason+" "+q.Note.Reveal())
			return nil
		}))
		slices.Sort(asked)
		if got := strings.Join(asked, ", "); got != "case.add 还有话说, case.withdraw " {
			t.Errorf("staff were asked %q", got)
		}
		if _, err := r.Case(t.Context(), "TJ7"); bot.CodeOf(err) != bot.NotFound {
			t.Errorf("got %v", err)
		}
	})
}

// Staff act on the case that they saw: whoever comes second is told who was first, and nothing that the table does not
// have changes anything.
func TestActOnCase(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		apply(t, r, entry(t, "f1", 0, bot.FileCase{Number: "TJ1", Dispute: dispute("没给钱")}))
		act := func(version int64, actor, action string) error {
			_, err := r.Act(t.Context(), "TJ1", version, actor, cases.Request{Action: action, By: cases.Mediator, Note: bot.NewPersonal("n"), Told: bot.NewPersonal("t"), Whom: "Lin"}, now)
			return err
		}
		must(t, act(1, "Lin", cases.Receive))
		if err := act(1, "Chen", cases.Receive); bot.CodeOf(err) != bot.Conflict || !strings.Contains(err.Error(), "Lin") || !strings.Contains(err.Error(), "receive") {
			t.Errorf("the second: %v", err)
		}
		if err := act(2, "Chen", cases.Close); bot.CodeOf(err) != bot.Conflict {
			t.Errorf("what the table does not have: %v", err)
		}
		if err := act(2, "", cases.Review); bot.CodeOf(err) != bot.Invalid {
			t.Errorf("nobody: %v", err)
		}
		for i, action := range []string{cases.Review, cases.Accept, cases.Assign, cases.Contact, cases.Agree, cases.Fulfil, cases.Close} {
			must(t, act(int64(i+2), "Lin", action))
		}
		c := caseOf(t, r, "TJ1")
		if c.State != bot.CaseClosed || c.Assigned != "Lin" || c.Version != 9 || len(c.History) != 9 {
			t.Errorf("got %+v", c)
		}
		if _, err := r.Act(t.Context(), "TJ7", 1, "Lin", cases.Request{Action: cases.Receive, By: cases.Lead}, now); bot.CodeOf(err) != bot.NotFound {
			t.Errorf("no such case: %v", err)
		}
	})
}

// Fifty act on one case at once, each on what they saw last: of those who saw the same one wins, and the history has no
// gap.
func TestActAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		apply(t, r, entry(t, "f1", 0, bot.FileCase{Number: "TJ1", Dispute: dispute("没给钱")}))
		const people, rounds = 50, 4
		for round := range int64(rounds) {
			var wg sync.WaitGroup
			var mu sync.Mutex
			won, lost := 0, 0
			for i := range people {
				wg.Go(func() {
					_, err := r.Act(t.Context(), "TJ1", round+1, fmt.Sprint("staff", i), cases.Request{Action: cases.Note, By: cases.Clerk, Note: bot.NewPersonal("n")}, now)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						won++
					case bot.CodeOf(err) == bot.Conflict:
						lost++
					default:
						t.Errorf("staff %d: %v", i, err)
					}
				})
			}
			wg.Wait()
			if won != 1 || lost != people-1 {
				t.Errorf("round %d: %d won, %d were told", round, won, lost)
			}
		}
		if c := caseOf(t, r, "TJ1"); c.Version != rounds+1 || len(c.History) != rounds+1 || strings.Contains(story(c), "gap") {
			t.Errorf("got %s", story(c))
		}
	})
}

// Who agrees to mediation has not agreed to being introduced to work, and who refuses it takes nothing else back.
func TestConsentToMediationStandsAlone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opening) {
		r, _ := open(t)
		say := func(id string, sec int, purpose string, agreed bool) bot.Entry {
			return entry(t, id, sec, bot.RecordConsent{Notice: bot.Notice, Purpose: purpose, Agreed: agreed, Shown: "【示例】"})
		}
		consent := func() string {
			w, err := r.Worker(t.Context(), entry(t, "x", 0, bot.StopAlerts{}).From.Worker())
			must(t, err)
			return w.Consent
		}
		apply(t, r, say("c1", 1, bot.ForMediation, true))
		if got := consent(); got != "" {
			t.Errorf("after a yes to mediation: %q", got)
		}
		apply(t, r, say("c2", 2, "placement", true), say("c3", 3, bot.ForMediation, false))
		if got := consent(); got != bot.Notice {
			t.Errorf("after a yes to being introduced and a no to mediation: %q", got)
		}
	})
}
