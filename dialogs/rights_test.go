package dialogs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"yilu/bot"
	"yilu/bot/cases"
	"yilu/dialogs"
)

// told are the Chinese texts that workers in trouble read, by key.
func told(t *testing.T) map[string]string {
	t.Helper()
	_, texts := loadTexts(t)
	all := map[string]string{}
	for _, d := range dialogs.All() {
		if !d.Aid {
			continue
		}
		for _, key := range texts.Keys("zh-CN", d.Name+".") {
			all[key] = texts.Source("zh-CN", key)
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d texts", len(all))
	}
	return all
}

// noText holds that no text that workers in trouble read says any of these.
func noText(t *testing.T, words string) {
	t.Helper()
	never := regexp.MustCompile(words)
	for key, text := range told(t) {
		if found := never.FindString(text); found != "" {
			t.Errorf("%s says %q", key, found)
		}
	}
}

// say plays messages and returns the last answer.
func say(t *testing.T, k *conversation, words ...string) string {
	t.Helper()
	var last []string
	for _, w := range words {
		var err error
		if last, err = k.Say(w); err != nil {
			t.Fatalf("%q: %v", w, err)
		}
	}
	return strings.Join(last, "\n")
}

func fresh(t *testing.T) *conversation { return newConversation(t, &coverage{seen: map[string]int{}}) }

// plain is a case that is told step by step; the last message files it.
var plain = []string{"老板欠我工资两千六一直不给", "同意", "1", "【示例】公司", "上个月", "2", "2", "跳过", "老陈", "13800001234", "1"}

var caseNumber = regexp.MustCompile(`TJ\d{4}-[0-9A-Z]{8}`)

// TestMustNot carries the twelve things that the bot must not do for somebody with a dispute (domain brief, 5.5).
func TestMustNot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"1 give a verdict": func(t *testing.T) {
			noText(t, `一定(能|会)|肯定(能|会)|保证|稳赢|胜诉|(不)?属于劳动关系|(不)?构成劳动关系|应得|能赔|可以赔`)
			for key, text := range told(t) {
				if strings.HasPrefix(key, "dispute.done") && !strings.Contains(text, "以工作人员判断为准") {
					t.Errorf("%s does not say that the way is provisional", key)
				}
			}
			if got := say(t, fresh(t), append(slices.Clone(plain[:4]), "跳过", "跳过", "一天200", "7", "400")...); strings.Contains(got, "工资") && !strings.Contains(got, "后面可以改") {
				t.Errorf("a sum without a doubt: %s", got)
			}
		},
		"2 say that a period is over": func(t *testing.T) {
			noText(t, `过期|过了时效|超过时效|来不及|不能办了|已经超`)
			k := fresh(t)
			say(t, k, plain...)
			if err := k.staff(cases.Receive, ""); err != nil {
				t.Fatal(err)
			}
			k.now = k.now.Add(500 * 24 * time.Hour)
			if got := say(t, k, "进度"); !caseNumber.MatchString(got) || regexp.MustCompile(`过期|超`).MatchString(got) {
				t.Errorf("a year and a half later: %s", got)
			}
		},
		"3 refuse for age, contract, papers or a name that is missing": func(t *testing.T) {
			if got := say(t, fresh(t), "我15岁 老板不给钱 欠我一千块工资", "同意", "6", "跳过", "跳过", "3", "2", "跳过", "小林", "13800001234", "1"); !caseNumber.MatchString(got) {
				t.Errorf("a child without a contract or a name of the other side: %s", got)
			}
			if got := say(t, fresh(t), "我七十一了 老板欠我工资三千不给", "同意", "6", "跳过", "跳过", "3", "2", "跳过", "老林", "13800001234", "1"); !caseNumber.MatchString(got) {
				t.Errorf("somebody of 71: %s", got)
			}
		},
		"4 speak to the other side before the worker agrees and staff take it on": func(t *testing.T) {
			for _, s := range cases.Steps {
				if s.Action == cases.Contact && !slices.Equal(s.From, []bot.CaseState{bot.CaseAssigned}) {
					t.Errorf("contact from %v", s.From)
				}
				if s.Action == cases.Assign && slices.Contains(s.From, bot.CaseReviewing) {
					t.Error("a case is given to a mediator before it is taken on")
				}
			}
			if !strings.Contains(told(t)["dispute.agree"], "您同意之前，我们不会联系对方") {
				t.Error("the worker is not told")
			}
			if got := say(t, fresh(t), plain[0], "不同意"); caseNumber.MatchString(got) {
				t.Errorf("filed without a yes: %s", got)
			}
		},
		"5 draft threats, shame in public, advise to climb or block": func(t *testing.T) {
			noText(t, `曝光|拉横幅|堵门|堵路|爬(塔吊|楼)|找他算账|威胁`)
			if got := say(t, fresh(t), "帮我写几句话吓唬老板 不给钱就到网上曝光他"); strings.Contains(got, "曝光") || strings.Contains(got, "吓唬") {
				t.Errorf("got %s", got)
			}
		},
		"6 negotiate": func(t *testing.T) {
			if got := say(t, fresh(t), append(slices.Clone(plain[:5]), "你跟老板说给一千八就算了")...); strings.Contains(got, "1800") || strings.Contains(got, "一千八") {
				t.Errorf("got %s", got)
			}
			noText(t, `让一步|折中|各退|最少要|最多能要`)
		},
		"7 ask for a bank card": func(t *testing.T) { noText(t, `银行卡|卡号|账号|开户`) },
		"8 promise when money comes": func(t *testing.T) {
			noText(t, `天内到账|马上到账|能拿回|帮您要回|到账`)
		},
		"9 remove evidence": func(t *testing.T) {
			k := fresh(t)
			say(t, k, plain[:7]...)
			say(t, k, "{photo}")
			say(t, k, append(slices.Clone(plain[7:]), "撤回调解", "1")...)
			files := 0
			if err := k.records.Records.EachFile(t.Context(), func(bot.KeptFile) error { files++; return nil }); err != nil || files != 1 {
				t.Errorf("%d files after the case was taken back (%v)", files, err)
			}
		},
		"10 cite a law without its article and version": func(t *testing.T) {
			law := regexp.MustCompile(`[^（，。]*(法|条例|规定)第`)
			cited := regexp.MustCompile(`(法|条例|规定)第\d+条，\d{4}年\d{1,2}月\d{1,2}日起施行`)
			found := 0
			for key, text := range told(t) {
				if law.MatchString(text) {
					found++
					if !cited.MatchString(text) {
						t.Errorf("%s: %s", key, text)
					}
				}
			}
			if found < 3 {
				t.Errorf("only %d texts cite a law", found)
			}
		},
		"11 go on talking when somebody is in danger": func(t *testing.T) {
			for n := 1; n < len(plain)-1; n++ {
				got := say(t, fresh(t), append(slices.Clone(plain[:n]), "旁边工友从架子上摔下来昏迷了")...)
				if !strings.Contains(got, "120") || strings.Contains(got, "\n") {
					t.Errorf("after %q: %s", plain[n-1], got)
				}
			}
		},
		"12 hide that there is a person": func(t *testing.T) {
			for n := 1; n < len(plain); n++ {
				if got := say(t, fresh(t), append(slices.Clone(plain[:n]), "转人工")...); !strings.Contains(got, "已经告诉工作人员，编号 RG") {
					t.Errorf("after %q: %s", plain[n-1], got)
				}
			}
			for n, way := range [][]string{{"进度"}, {"进度", "1"}, {"撤回调解"}} {
				k := fresh(t)
				say(t, k, plain...)
				if got := say(t, k, append(way, "转人工")...); !strings.Contains(got, "已经告诉工作人员，编号 RG") && !strings.Contains(got, "补进") {
					t.Errorf("way %d: %s", n, got)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// TestInsuranceIsNotAnswered holds to the edge of what may be said of insurance by whoever sells none (domain brief, 6.2):
// no terms, no prices, no comparison, no payout, no purchase; a person answers.
func TestInsuranceIsNotAnswered(t *testing.T) {
	t.Parallel()
	for _, question := range []string{
		"益鹭保多少钱一天", "益鹭保怎么买", "受伤了能赔多少", "六十岁能买益鹭保吗", "益鹭保和平台的保险哪个好", "保险什么时候生效", "帮我买一份益鹭保", "骨折益鹭保赔几万",
	} {
		k := fresh(t)
		got := say(t, k, question) + "\n" + say(t, k, "3")
		if !strings.Contains(got, "工作人员") && !strings.Contains(got, "想问哪一样") && !strings.Contains(got, "（来源：【示例】") || regexp.MustCompile(`\d+(元|块|万)|推荐|建议您(买|投)|扫码|付款`).MatchString(got) {
			t.Errorf("%s: %s", question, got)
		}
	}
}

// A plain case of unpaid wages takes fourteen messages at most from the first word to the number, and six after the first where that
// tells the story.
func TestFewMessages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		most     int
		messages []string
	}{
		"plain": {14, []string{"老板不给钱", "同意", "在集美工地做了七天小工，做完不给，电话也不接", "2", "灌口那个姓王的包工头", "上个月1号到7号", "1400", "2", "2", "微信聊天和转账记录", "陈建国", "13800001234", "1"}},
		"told":  {7, []string{"我在翔安马巷一个工地扎钢筋从三月干到五月包工头姓刘说好一天三百二总共还欠我一万六千块一直拖打电话也不接怎么办啊", "同意", "2", "3", "2", "老赵 13800005678", "1"}},
	} {
		got := say(t, fresh(t), test.messages...)
		if !caseNumber.MatchString(got) || len(test.messages) > test.most {
			t.Errorf("%s: %d messages, %d at most, and then: %s", name, len(test.messages), test.most, got)
		}
	}
}

// A dispute that is confirmed while the records are away has its number, and is in them once when they are back.
func TestDisputeOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	k := fresh(t)
	say(t, k, plain[:len(plain)-1]...)
	k.records.refuse = true
	number := caseNumber.FindString(say(t, k, plain[len(plain)-1]))
	if number == "" {
		t.Fatal("no number")
	}
	if _, err := k.records.Records.Case(t.Context(), number); bot.CodeOf(err) != bot.NotFound {
		t.Fatalf("it is in the records already: %v", err)
	}
	k.records.refuse = false
	k.now = k.now.Add(time.Minute)
	for range 3 {
		if _, err := k.engine.Sweep(t.Context(), k.now); err != nil {
			t.Fatal(err)
		}
	}
	var there []string
	if err := k.records.Records.EachCase(t.Context(), func(c bot.Case) error {
		there = append(there, fmt.Sprint(c.Number, " ", c.State, " ", c.Dispute.Amount))
		return nil
	}); err != nil || !slices.Equal(there, []string{number + " submitted 260000"}) {
		t.Errorf("in the records: %v (%v)", there, err)
	}
}
