package understand

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"yilu/bot"
)

// Example is a message with what it means.
type Example struct {
	Text   string
	Now    time.Time
	Intent bot.Intent
	Kinds  []bot.DisputeKind
	Topic  bot.InsuranceTopic
	Reason string
	Facts  bool // Kinds, Topic and Reason are given, too
}

// How Learn learns: passes over the examples, by how much the right label is to lead, in how many examples a gram must
// stand, and into how many parts a weight of one is cut.
const (
	learnPasses = 15
	learnLead   = 20
	learnCount  = 2
	learnParts  = 8
)

// Learn makes weights.tsv of labelled messages, with what the other files of the lexicon find in them. It is an averaged
// perceptron with a margin, in whole numbers throughout, so that the same examples give the same file on every machine.
func (w *Words) Learn(examples []Example) []byte {
	index := map[uint64]int32{}
	count := map[uint64]int{}
	grams := make([][]uint64, len(examples))
	for i, x := range examples {
		m := w.Hear(x.Text)
		var met met
		w.meet(&met, m.text.low)
		_, _, bits := w.stated(&m.text, x.Now, &met)
		seen := map[uint64]bool{}
		w.gramsOf(&m.text, bits, func(g uint64) {
			if !seen[g] {
				seen[g] = true
				count[g]++
				grams[i] = append(grams[i], g)
			}
		})
	}
	for _, g := range slices.Sorted(maps.Keys(count)) {
		if count[g] >= learnCount {
			index[g] = int32(len(index))
		}
	}
	rows := make([][]int32, len(examples))
	for i, gs := range grams {
		for _, g := range gs {
			if at, ok := index[g]; ok {
				rows[i] = append(rows[i], at)
			}
		}
	}

	p := perceptron{grams: len(index)}
	for _, intent := range plainIntents {
		p.labels = append(p.labels, labelIntent+string(intent))
	}
	for _, kind := range bot.DisputeKinds {
		p.labels = append(p.labels, labelKind+string(kind))
	}
	for _, topic := range bot.InsuranceTopics {
		p.labels = append(p.labels, labelTopic+string(topic))
	}
	for _, reason := range append(slices.Clone(reasons), noReason) {
		p.labels = append(p.labels, labelReason+reason)
	}
	p.weights, p.sums = make([]int32, len(p.labels)*p.grams), make([]int64, len(p.labels)*p.grams)
	kinds := len(plainIntents)
	topics := kinds + len(bot.DisputeKinds)
	why := topics + len(bot.InsuranceTopics)
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	seed := uint32(1)
	for range learnPasses {
		for i := len(order) - 1; i > 0; i-- { // the same order every time
			seed = seed*1664525 + 1013904223
			j := int(seed>>8) % (i + 1)
			order[i], order[j] = order[j], order[i]
		}
		for _, i := range order {
			x := examples[i]
			if right := slices.Index(plainIntents, x.Intent); right >= 0 {
				p.one(rows[i], 0, kinds, right)
			}
			switch {
			case !x.Facts:
			case x.Intent == bot.InsuranceAsk && x.Topic != "":
				p.one(rows[i], topics, why, topics+slices.Index(bot.InsuranceTopics, x.Topic))
			case x.Intent == bot.JobsReport:
				right := slices.Index(reasons, x.Reason)
				if right < 0 {
					right = len(reasons)
				}
				p.one(rows[i], why, len(p.labels), why+right)
			case x.Intent == bot.DisputeNew || x.Intent == bot.Crisis:
				for k, kind := range bot.DisputeKinds {
					p.whether(rows[i], kinds+k, slices.Contains(x.Kinds, kind))
				}
			}
			p.step++
		}
	}

	var out bytes.Buffer
	for i, label := range p.labels {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(label)
	}
	out.WriteByte('\n')
	for _, g := range slices.SortedFunc(maps.Keys(index), func(a, b uint64) int { return cmp.Compare(spell(a), spell(b)) }) {
		n := 0
		for label := range p.labels {
			if by := p.mean(label, index[g]); by != 0 {
				if n++; n == 1 {
					out.WriteString(spell(g) + "\t")
				} else {
					out.WriteByte(' ')
				}
				fmt.Fprintf(&out, "%d:%d", label, by)
			}
		}
		if n > 0 {
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

// perceptron is what Learn learns: a weight for every label and gram, by label first, and what averaging needs.
type perceptron struct {
	labels  []string
	grams   int
	weights []int32
	sums    []int64
	step    int64
}

func (p *perceptron) sum(row []int32, label int) (n int32) {
	for _, g := range row {
		n += p.weights[label*p.grams+int(g)]
	}
	return n
}

func (p *perceptron) add(row []int32, label int, by int32) {
	for _, g := range row {
		i := label*p.grams + int(g)
		p.weights[i] += by
		p.sums[i] += int64(by) * p.step
	}
}

// mean is the weight over all steps.
func (p *perceptron) mean(label int, gram int32) int64 {
	i := label*p.grams + int(gram)
	n := (int64(p.weights[i])*p.step - p.sums[i]) * learnParts / p.step
	return min(max(n, math.MinInt16), math.MaxInt16)
}

// one teaches that of the labels from first to last this one is right.
func (p *perceptron) one(row []int32, first, last, right int) {
	best, most := -1, int32(0)
	for label := first; label < last; label++ {
		if label == right {
			continue
		}
		if n := p.sum(row, label); best < 0 || n > most {
			best, most = label, n
		}
	}
	if p.sum(row, right)-most <= learnLead {
		p.add(row, right, 1)
		p.add(row, best, -1)
	}
}

// whether teaches whether the label holds.
func (p *perceptron) whether(row []int32, label int, holds bool) {
	switch n := p.sum(row, label); {
	case holds && n <= learnLead:
		p.add(row, label, 1)
	case !holds && n >= -learnLead:
		p.add(row, label, -1)
	}
}
