package understand

// idSpan is a number of an identity card in a text (GB 11643-1999): 17 digits and a check character.
type idSpan struct {
	ok       bool
	from, to int
	number   [18]byte
}

// findID finds the first one whose check character is right, in any script, with single marks between groups.
func (w *Words) findID(r []rune) (id idSpan) {
	if len(r) < len(id.number) {
		return id
	}
	var buf [32]group
	groups := w.digitGroups(r, buf[:0])
	for i := range groups {
		n := 0
		for j := i; j < len(groups); j++ {
			if j > i && !bridged(r, groups[j-1].to, groups[j].from) {
				break
			}
			for k := groups[j].from; k < groups[j].to; k++ {
				if n < len(id.number) {
					d, _ := w.num.single(r[k])
					id.number[n] = '0' + byte(d)
				}
				n++
			}
			end := groups[j].to
			if n == len(id.number)-1 {
				if at := w.softAt(r, end, softCert); at > end {
					id.number[n], n, end = 'X', n+1, at
				}
			}
			if n == len(id.number) && id.checks() && (end >= len(r) || !isDigit(r[end])) {
				id.ok, id.from, id.to = true, groups[i].from, end
				return id
			}
			if n >= len(id.number) {
				break
			}
		}
	}
	return idSpan{}
}

// checks reports that the check character is right and the day of birth can be.
func (id *idSpan) checks() bool {
	sum := 0
	for i, c := range id.number[:17] {
		if c == 'X' {
			return false
		}
		sum += int(c-'0') * idWeights[i]
	}
	month, day := int(id.number[10]-'0')*10+int(id.number[11]-'0'), int(id.number[12]-'0')*10+int(id.number[13]-'0')
	return "10X98765432"[sum%11] == id.number[17] && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// idWeights are the powers of two modulo 11 by which the digits count.
var idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
