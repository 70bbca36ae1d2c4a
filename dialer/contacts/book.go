package contacts

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/number"
	"cornetta/internal/durable"
)

// Book answers from the index at a path.
type Book struct {
	path string

	mu   sync.Mutex  // guards what follows
	seen os.FileInfo // the file whose checksum was right, or wrong
	bad  bool
}

// Open is the index at path, which need not exist: then nobody is in it.
func Open(path string) *Book { return &Book{path: path} }

// buffer holds a block.
type buffer [blockSize + maxLine]byte

// buffers are for reading blocks; what is not used goes with the garbage.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

// maxLine is more than a person's line can have: their name and company, and numbers.
const maxLine = 8 << 10

// index is an open one. Its methods check all that they read.
type index struct {
	r      io.ReaderAt
	rules  uint32
	people int
	start  [parts]int64
	length [parts]int64
	blocks []byte // once they were needed
}

// with calls f with the index, nil where there is none.
func (b *Book) with(f func(x *index) error) error {
	file, err := durable.OpenFile(b.path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) && !durable.Spoiled(b.path, err) {
		return f(nil)
	}
	if err != nil {
		return fmt.Errorf("contacts: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("contacts: %w", err)
	}
	x, sum, err := openIndex(file, info.Size())
	if err == nil {
		err = b.check(x, info, sum)
	}
	if err == nil {
		err = f(x)
	}
	return err
}

// check sums the file up, once.
func (b *Book) check(x *index, info os.FileInfo, sum uint32) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.seen != nil && os.SameFile(b.seen, info) && b.seen.Size() == info.Size() && b.seen.ModTime().Equal(info.ModTime())
	if !known {
		got, err := x.sum(info.Size())
		if err != nil {
			return err
		}
		b.seen, b.bad = info, got != sum
	}
	if b.bad {
		return ErrDamaged
	}
	return nil
}

// openIndex reads the header. What stands in it is checked against size.
func openIndex(r io.ReaderAt, size int64) (x *index, sum uint32, err error) {
	var head [headerLen]byte
	if _, err := r.ReadAt(head[:], 0); err != nil || size > maxFile || string(head[:len(magic)]) != magic {
		return nil, 0, ErrDamaged
	}
	at := len(magic)
	next := func() uint32 {
		at += 4
		return binary.LittleEndian.Uint32(head[at-4:])
	}
	x = &index{r: r, rules: next(), people: int(next())}
	offset := int64(headerLen)
	for p := range x.start {
		x.start[p], x.length[p] = offset, int64(next())
		offset += x.length[p]
	}
	sum = next()
	if next() != crc32.Checksum(head[:at-4], castagnoli) || !bytes.Equal(head[at:], make([]byte, headerLen-at)) || offset != size || x.people > MaxPeople ||
		x.length[partPlaces] != int64(x.people)*4 || x.length[partKeys]%keyLen != 0 || x.length[partBlocks]%blockLen != 0 || x.length[partBlocks] > maxBlocks*blockLen ||
		x.length[partSources] > maxMeta {
		return nil, 0, ErrDamaged
	}
	return x, sum, nil
}

func (x *index) sum(size int64) (uint32, error) {
	h := crc32.New(castagnoli)
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	for at := int64(headerLen); at < size; {
		n, err := x.r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		if n == 0 {
			return 0, cmp.Or(err, io.ErrUnexpectedEOF)
		}
		_, _ = h.Write(buf[:n])
		at += int64(n)
	}
	return h.Sum32(), nil
}

// read fills b from a part.
func (x *index) read(part int, at int64, b []byte) error {
	if at < 0 || at+int64(len(b)) > x.length[part] {
		return ErrDamaged
	}
	if _, err := x.r.ReadAt(b, x.start[part]+at); err != nil {
		return ErrDamaged
	}
	return nil
}

// person reads a record.
func (x *index) person(i int, ids []string) (p Person, err error) {
	if i < 0 || i >= x.people {
		return p, ErrDamaged
	}
	var place [8]byte
	if i == 0 {
		err = x.read(partPlaces, 0, place[4:])
	} else {
		err = x.read(partPlaces, int64(i-1)*4, place[:])
	}
	if err != nil {
		return p, err
	}
	from, to := int64(binary.LittleEndian.Uint32(place[:])), int64(binary.LittleEndian.Uint32(place[4:]))
	if to < from || to-from > maxRecord {
		return p, ErrDamaged
	}
	b := make([]byte, to-from)
	if err := x.read(partRecords, from, b); err != nil {
		return p, err
	}
	r := record{b: b}
	if source := r.uvarint(); source < uint64(len(ids)) {
		p.Source = ids[source]
	}
	p.Name, p.Company = r.text(), r.text()
	for range min(int(r.byte()), MaxNumbers) {
		n := Number{Kind: Other}
		if k := int(r.byte()); k < len(kinds) {
			n.Kind = kinds[k]
		}
		n.Text, n.Key = r.text(), number.Key(r.uvarint())
		p.Numbers = append(p.Numbers, n)
	}
	if r.bad {
		return Person{}, ErrDamaged
	}
	return p, nil
}

// record is one that is being read.
type record struct {
	b   []byte
	bad bool
}

func (r *record) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *record) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

// text is cleaned once more: who made the file is not known.
func (r *record) text() clean.Foreign {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return clean.Foreign(s).Line()
}

func (x *index) states() (all []State, err error) {
	b := make([]byte, x.length[partSources])
	if err := x.read(partSources, 0, b); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, ErrDamaged
	}
	return all, nil
}

func (x *index) ids() ([]string, error) {
	all, err := x.states()
	ids := make([]string, len(all))
	for i, s := range all {
		ids[i] = s.ID
	}
	return ids, err
}

// States are how reading each source went, none where there is no index.
func (b *Book) States() (all []State, err error) {
	err = b.with(func(x *index) error {
		if x != nil {
			all, err = x.states()
		}
		return err
	})
	return all, err
}

// Written is when the index was made; zero where there is none. fits says that numbers
// were read by these rules.
func (b *Book) Written(rules number.Settings) (at time.Time, fits bool) {
	_ = b.with(func(x *index) error {
		if x != nil {
			b.mu.Lock()
			at = b.seen.ModTime()
			b.mu.Unlock()
			fits = x.rules == rulesSum(rules)
		}
		return nil
	})
	return at, fits
}

// All calls each with everybody, until it returns false.
func (b *Book) All(each func(Person) bool) error {
	return b.with(func(x *index) error {
		if x == nil {
			return nil
		}
		ids, err := x.ids()
		if err != nil {
			return err
		}
		for i := range x.people {
			p, err := x.person(i, ids)
			if err != nil {
				return err
			}
			if !each(p) {
				break
			}
		}
		return nil
	})
}

// Who is the name of the person whose number dial is, of their company where several
// people of one have it, and "" where nobody is known to have it, or people who have
// nothing in common do. It takes microseconds.
func (b *Book) Who(dial string, rules number.Settings) (name clean.Foreign) {
	key := number.KeyOf(dial, rules)
	if b == nil || key == 0 {
		return ""
	}
	_ = b.with(func(x *index) error { // without an index nobody is known
		if x == nil {
			return nil
		}
		of, onlyCompany, err := x.owner(key)
		if err != nil || of < 0 {
			return err
		}
		p, err := x.person(of, nil)
		if err != nil {
			return err
		}
		if name = p.Name; onlyCompany {
			name = cmp.Or(p.Company, p.Name)
		}
		return nil
	})
	return name
}

// owner finds a key by halves, the last of which it reads whole; -1 where it is not there.
func (x *index) owner(key number.Key) (of int, onlyCompany bool, err error) {
	var b [128 * keyLen]byte
	low, high := int64(0), x.length[partKeys]/keyLen
	for high-low > int64(len(b)/keyLen) {
		middle := (low + high) / 2
		if err := x.read(partKeys, middle*keyLen, b[:8]); err != nil {
			return -1, false, err
		}
		if number.Key(binary.LittleEndian.Uint64(b[:])) <= key {
			low = middle
		} else {
			high = middle
		}
	}
	all := b[:(high-low)*keyLen]
	if err := x.read(partKeys, low*keyLen, all); err != nil {
		return -1, false, err
	}
	for ; len(all) > 0; all = all[keyLen:] {
		if number.Key(binary.LittleEndian.Uint64(all)) == key {
			return int(binary.LittleEndian.Uint32(all[8:])), all[12] != 0, nil
		}
	}
	return -1, false, nil
}

// maxBlocks is more than MaxPeople need.
const maxBlocks = MaxPeople*maxLine/blockSize + 1

// block is a piece of words, digits or keypad (parts 0 to 2), whole lines of it.
func (x *index) block(i int, part int, buf []byte) (lines []byte, first int, err error) {
	if x.blocks == nil {
		x.blocks = make([]byte, x.length[partBlocks])
		if err := x.read(partBlocks, 0, x.blocks); err != nil {
			return nil, 0, err
		}
	}
	at := func(i, field int) int64 { return int64(binary.LittleEndian.Uint32(x.blocks[i*blockLen+4*field:])) }
	start, end := at(i, part), x.length[part]
	if i+1 < len(x.blocks)/blockLen {
		end = at(i+1, part)
	}
	if end < start || end-start > int64(len(buf)) {
		return nil, 0, ErrDamaged
	}
	lines = buf[:end-start]
	if err := x.read(part, start, lines); err != nil {
		return nil, 0, err
	}
	if len(lines) > 0 && lines[len(lines)-1] != '\n' {
		return nil, 0, ErrDamaged
	}
	return lines, int(at(i, 3)), nil
}
