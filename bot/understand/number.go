package understand

// numerals are the characters of numbers.
type numerals struct {
	digit map[rune]int64
	power map[rune]int64 // ten to ten thousand
	tens  map[rune]int64 // 廿, 卅
	one   rune           // the 一 that may belong to the unit after it
	k, w  map[rune]bool
	come  map[rune]bool // 来: "百来块"
	times rune          // 个: 四个零 is four zeros
}

// number is a number as it was said.
type number struct {
	cents   int64 // hundredths
	end     int
	digits  int   // how many digit characters
	bare    bool  // digits only, without a power: 七六, 1985
	han     bool  // said in Chinese characters
	zero    bool  // begins with a zero
	high    int64 // the upper end of a loose number, 三四百 or 两百三四, in hundredths; 0 if there is none
	shorter int64 // the value without a final 一, which may belong to the unit after it, in hundredths; 0 if there is none
}

// whole returns the number if it has no fraction.
func (n number) whole() (int, bool) {
	if n.cents%100 != 0 || n.cents > 1e15 {
		return 0, false
	}
	return int(n.cents / 100), true
}

// maxDigits bounds what is taken for a number, far below what an int64 of hundredths holds.
const maxDigits = 12

func (m *numerals) begins(r []rune, i int) bool {
	x := r[i]
	if isDigit(x) {
		return i == 0 || !isDigit(r[i-1]) && (r[i-1] != '.' || i < 2 || !isDigit(r[i-2]))
	}
	if x < 0x3000 {
		return x == '○'
	}
	if _, ok := m.digit[x]; ok {
		return true
	}
	if m.tens[x] > 0 {
		return true
	}
	if p := m.power[x]; p > 0 && p < 10000 {
		if p == 10 {
			return true
		}
		if i+1 < len(r) { // 百来块, 百八
			_, digit := m.digit[r[i+1]]
			return m.come[r[i+1]] || digit
		}
	}
	return false
}

// read reads the number at i. Elisions are as they are said: 一百五 is 150, 一万二 is 12000, 一百零五 is 105.
func (m *numerals) read(r []rune, i int) (number, bool) {
	if !m.begins(r, i) {
		return number{}, false
	}
	if isDigit(r[i]) {
		return m.arabic(r, i)
	}
	return m.spoken(r, i)
}

// arabic reads 250, 1,200, 22.5, 6k, 1.2万, 2千5.
func (m *numerals) arabic(r []rune, i int) (number, bool) {
	n := number{zero: r[i] == '0', bare: true}
	value, j := int64(0), i
	for j < len(r) && (isDigit(r[j]) || r[j] == ',' && thousands(r, j, i)) {
		if r[j] != ',' {
			if n.digits++; n.digits > maxDigits {
				return n, false
			}
			value = value*10 + int64(r[j]-'0')
		}
		j++
	}
	n.cents = value * 100
	if j+1 < len(r) && r[j] == '.' && isDigit(r[j+1]) {
		scale := int64(10)
		for j++; j < len(r) && isDigit(r[j]); j++ {
			n.cents += int64(r[j]-'0') * scale
			scale /= 10
		}
		n.bare = false
	}
	if n.digits <= 6 && j < len(r) {
		p := m.power[r[j]]
		letter := j+1 < len(r) && isLatin(r[j+1])
		switch {
		case m.k[r[j]] && !letter && p == 0:
			p = 1000
		case m.w[r[j]] && !letter && p == 0:
			p = 10000
		}
		if p >= 100 {
			n.cents, n.bare, j = n.cents*p, false, j+1
			if m.lowerFollows(r, j, p) { // 1万3千5
				if rest, ok := m.arabic(r, j); ok && !rest.bare && rest.cents < p*100 && rest.cents >= 100_00 {
					n.cents, n.end = n.cents+rest.cents, rest.end
					return n, true
				}
			}
			// 2千5, 1万2: one digit more is the next place.
			if j < len(r) && (j+1 == len(r) || !isDigit(r[j+1])) {
				if d, ok := m.single(r[j]); ok && d > 0 && r[j] != m.one {
					n.cents, j = n.cents+d*p/10*100, j+1
				}
			}
		}
	}
	n.end = j
	return n, true
}

// lowerFollows reports that digits with a power below p, from a hundred on, stand at j.
func (m *numerals) lowerFollows(r []rune, j int, p int64) bool {
	from := j
	for j < len(r) && isDigit(r[j]) && j-from < 2 {
		j++
	}
	return j > from && j < len(r) && m.power[r[j]] >= 100 && m.power[r[j]] < p
}

// single is one digit, in either script.
func (m *numerals) single(x rune) (int64, bool) {
	if isDigit(x) {
		return int64(x - '0'), true
	}
	d, ok := m.digit[x]
	return d, ok
}

// thousands reports that the comma at j groups digits.
func thousands(r []rune, j, from int) bool {
	if j-from > 3 && r[j-4] != ',' {
		return false
	}
	return j+3 < len(r) && isDigit(r[j+1]) && isDigit(r[j+2]) && isDigit(r[j+3]) && (j+4 == len(r) || !isDigit(r[j+4]))
}

// spoken reads 二百五十, 一百五, 两万三千, 七六, 廿五.
func (m *numerals) spoken(r []rune, i int) (number, bool) {
	if n, ok := m.string(r, i); ok {
		return n, true
	}
	n := number{han: true}
	var total, section, last int64
	cur, upper, zero, j := int64(-1), int64(0), false, i
	var high int64 // of what was said so far, the upper end
	for ; j < len(r); j++ {
		if d, ok := m.digit[r[j]]; ok {
			if d == 0 {
				if cur >= 0 || last == 0 {
					break
				}
				zero = true
				continue
			}
			if cur >= 0 {
				if upper > 0 || d <= cur || !m.approximate(r, j) && (last == 0 || d != cur+1) {
					break
				}
				upper = d // 三四百, 两百三四: at least the first
				n.digits++
				continue
			}
			cur = d
			n.digits++
			continue
		}
		if tens := m.tens[r[j]]; tens > 0 && cur < 0 && (last == 0 || last > 10) {
			section, last = section+tens, 10
			continue
		}
		p := m.power[r[j]]
		if p == 0 {
			break
		}
		if p == 10000 {
			if total > 0 || section == 0 && cur <= 0 {
				break
			}
			if upper > 0 {
				high = (section + upper) * p
			}
			total, section, cur, upper, last, zero = (section+max(cur, 0))*p, 0, -1, 0, p, false
			continue
		}
		if last != 0 && p >= last && last != 10000 {
			break
		}
		if cur < 0 {
			if p != 10 && j != i {
				break
			}
			cur = 1
		}
		if upper > 0 {
			high = total + section + upper*p
		}
		section, last, cur, upper, zero = section+cur*p, p, -1, 0, false
	}
	value := total + section
	if last > 0 && cur == 1 && !zero && r[j-1] == m.one {
		n.shorter = value * 100
	}
	if cur >= 0 {
		if last >= 100 && !zero {
			cur, upper = cur*(last/10), upper*(last/10)
		}
		if upper > 0 {
			high = value + upper
		}
		value += cur
	}
	n.cents, n.high, n.end = value*100, high*100, j
	return n, j > i && value > 0
}

// approximate reports that the digit at j is the upper end of a loose number, 三四百, and a power follows.
func (m *numerals) approximate(r []rune, j int) bool {
	return j+1 < len(r) && m.power[r[j+1]] > 0
}

// string reads digits said one after another, 七六 or 一九八五, and a digit that stands alone.
func (m *numerals) string(r []rune, i int) (number, bool) {
	n := number{han: true, bare: true}
	value, j := int64(0), i
	for ; j < len(r); j++ {
		d, ok := m.digit[r[j]]
		if !ok {
			break
		}
		if n.digits++; n.digits > maxDigits {
			return n, false
		}
		n.zero = n.zero || j == i && d == 0
		value = value*10 + d
	}
	if n.digits == 0 || j < len(r) && m.power[r[j]] > 0 && value > 0 {
		return n, false
	}
	n.cents, n.end = value*100, j
	return n, true
}
