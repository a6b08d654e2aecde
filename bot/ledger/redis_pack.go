package ledger

import (
	_ "embed"
	"encoding/binary"
	"math/bits"
)

// Replies and sessions are short and say the same things again and again, so they are packed against a dictionary: what
// is in it is named by its place, all else stands as it is. It takes a reply to a quarter in about a microsecond, and
// keeps a session's last turns within 2 KiB. General compressors that know dictionaries were tried: zstd takes five times
// as long, and s2 a table of 64 KiB on the stack of every request.
//
// A packed string is its length, then a mark, then either the bytes themselves or their number and pieces: an even number
// n is followed by n/2 bytes, an odd one by the place in the dictionary of n/2+shortest bytes.
const (
	packedPlain = 0
	packedOne   = 1
)

// dictionary is what the replies and sessions of November 2026 had in common: pieces of the texts, and names of fields.
// Values are read with the one that they were written with, so it is never changed; a better one is a second file with a
// mark of its own.
//
//go:embed dictionary/1
var dictionary []byte

// shortest is how long a piece is at least; its first bytes are how it is found.
const shortest = 6

// places is where in the dictionary something begins, by the hash of its first bytes; of two that share one, the later.
var places = func() (table [1 << hashBits]uint16) {
	for i := 0; i+8 <= len(dictionary); i++ {
		table[hash(binary.LittleEndian.Uint64(dictionary[i:]))] = uint16(i)
	}
	return table
}()

const hashBits = 15

func hash(eight uint64) uint32 { return uint32((eight << 16) * 0x9E3779B185EBCA87 >> (64 - hashBits)) }

// pack appends raw to dst in as few bytes as it takes, with their number before them.
func pack(dst, raw []byte) []byte {
	if len(raw) > 16 {
		var room [1024]byte
		if short := shorten(room[:0], raw); len(short) < len(raw) {
			dst = binary.AppendUvarint(dst, uint64(len(short)+1))
			return append(append(dst, packedOne), short...)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(raw)+1))
	return append(append(dst, packedPlain), raw...)
}

// shorten appends raw as pieces.
func shorten(dst, raw []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(raw)))
	told := 0 // what is said so far
	for i := 0; i+8 <= len(raw); {
		at := int(places[hash(binary.LittleEndian.Uint64(raw[i:]))])
		n, back := common(dictionary[at:], raw[i:]), 0
		for n >= shortest-3 && i-back > told && at-back > 0 && dictionary[at-back-1] == raw[i-back-1] {
			back++
		}
		if n+back < shortest {
			i += 1 + (i-told)>>7 // what fits nowhere is not searched byte by byte for ever
			continue
		}
		dst = literally(dst, raw[told:i-back])
		dst = binary.AppendUvarint(dst, uint64(n+back-shortest)<<1|1)
		dst = binary.LittleEndian.AppendUint16(dst, uint16(at-back))
		i += n
		told = i
	}
	return literally(dst, raw[told:])
}

func literally(dst, some []byte) []byte {
	if len(some) == 0 {
		return dst
	}
	return append(binary.AppendUvarint(dst, uint64(len(some))<<1), some...)
}

// common is how many bytes two strings begin with alike.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// unpack is what pack was given, behind its length; nil and false if it cannot be read.
func unpack(b []byte) ([]byte, bool) {
	if len(b) == 0 {
		return nil, false
	}
	switch b[0] {
	case packedPlain:
		return b[1:], true
	case packedOne:
		return lengthen(b[1:])
	}
	return nil, false
}

// mostRaw bounds what a string can say of its own length.
const mostRaw = 64 << 20

func lengthen(b []byte) ([]byte, bool) {
	r := reader{rest: b}
	size := r.number()
	if size > mostRaw || size > uint64(len(b))<<16 {
		return nil, false
	}
	raw := make([]byte, 0, size)
	for len(r.rest) > 0 && uint64(len(raw)) <= size {
		switch n := r.number(); {
		case n&1 == 0 && n>>1 <= uint64(len(r.rest)):
			raw = append(raw, r.rest[:n>>1]...)
			r.rest = r.rest[n>>1:]
		case n&1 == 1 && len(r.rest) >= 2:
			at := int(binary.LittleEndian.Uint16(r.rest))
			n = n>>1 + shortest
			if at > len(dictionary) || n > uint64(len(dictionary)-at) {
				return nil, false
			}
			raw = append(raw, dictionary[at:at+int(n)]...)
			r.rest = r.rest[2:]
		default:
			return nil, false
		}
	}
	return raw, !r.broken && uint64(len(raw)) == size
}

// reader reads numbers and strings. After the first fault it returns nothing more.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.broken, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// bytes reads a string with its length before it, without copying.
func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.broken, r.rest = true, nil
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}
