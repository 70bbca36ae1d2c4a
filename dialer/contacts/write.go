package contacts

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"slices"
	"sort"
	"strings"

	"cornetta/ami/clean"
	"cornetta/dialer/number"
	"cornetta/internal/durable"
)

const (
	magic     = "CornettaPeople\x02\n" // with the version
	blockSize = 32 << 10
	blockLen  = 16
	keyLen    = 16
	headerLen = 64

	// maxFile is more than MaxPeople with MaxNumbers each have room in.
	maxFile   = 512 << 20
	maxRecord = 8 << 10
	maxMeta   = 1 << 20
)

// The parts of an index, in their order.
const (
	partWords = iota
	partDigits
	partKeypad
	partBlocks
	partPlaces
	partRecords
	partKeys
	partSources
	parts
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rulesSum is of the rules by which the keys in an index were made.
func rulesSum(s number.Settings) uint32 {
	h := fnv.New32a()
	fmt.Fprint(h, s.Region, "\x00", s.Prefix, "\x00", s.ExtMaxLen)
	return h.Sum32()
}

// Write makes people and states the content of the index at path. Texts are cleaned and
// cut; who has no number is left out, and so is whoever comes after MaxPeople.
// The keys of numbers are those that rules gave.
func Write(path string, people []Person, states []State, rules number.Settings) error {
	data, err := encode(people, states, rules)
	if err == nil {
		err = durable.Write(path, data)
	}
	if err != nil {
		return fmt.Errorf("contacts: %w", err)
	}
	return nil
}

// entry is a person on the way into the index.
type entry struct {
	*Person
	name, company []byte // their words
}

func encode(people []Person, states []State, rules number.Settings) ([]byte, error) {
	entries := make([]entry, 0, min(len(people), MaxPeople))
	for i := range people {
		p := &people[i]
		p.Name, p.Company = p.Name.Line(), p.Company.Line()
		if p.Name == "" {
			p.Name, p.Company = p.Company, ""
		}
		if p.Company == p.Name {
			p.Company = ""
		}
		if p.Numbers = p.Numbers[:min(len(p.Numbers), MaxNumbers)]; len(p.Numbers) == 0 || len(entries) == MaxPeople {
			continue
		}
		if p.Name == "" {
			p.Name = p.Numbers[0].Text.Line()
		}
		e := entry{Person: p, name: appendWords(nil, p.Name.Text())}
		if p.Company != "" {
			e.company = appendWords(nil, p.Company.Text())
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(bytes.Compare(a.name, b.name), bytes.Compare(a.company, b.company))
	})

	var part [parts][]byte
	sources := make(map[string]int, len(states))
	for i, s := range states {
		sources[s.ID] = i
	}
	u32 := func(p int, v int) { part[p] = binary.LittleEndian.AppendUint32(part[p], uint32(v)) }
	lined := []int{partWords, partDigits, partKeypad}
	var block []int // where the present one begins in each of them
	for i, e := range entries {
		var before []int
		for _, p := range lined {
			before = append(before, len(part[p]))
		}
		part[partWords] = append(part[partWords], e.name...)
		if len(e.company) > 0 {
			part[partWords] = append(append(part[partWords], '\t'), e.company...)
		}
		for _, n := range e.Numbers {
			if n.Key != 0 {
				part[partDigits] = append(append(part[partDigits], ' '), n.Key.Digits()...)
			}
		}
		part[partKeypad] = appendKeypad(part[partKeypad], e.name)
		if len(e.company) > 0 {
			part[partKeypad] = appendKeypad(append(part[partKeypad], '\t'), e.company)
		}
		full := block == nil
		for _, p := range lined {
			part[p] = append(part[p], '\n')
			full = full || len(part[p])-block[p] > blockSize
		}
		if full {
			block = before
			for _, at := range before {
				u32(partBlocks, at)
			}
			u32(partBlocks, i)
		}
		part[partRecords] = appendRecord(part[partRecords], e.Person, sources[e.Source])
		u32(partPlaces, len(part[partRecords]))
	}
	part[partKeys] = encodeKeys(entries)
	meta, err := json.Marshal(states)
	if err != nil {
		return nil, err
	}
	if part[partSources] = meta; len(meta) > maxMeta {
		return nil, errors.New("contacts: too many sources")
	}

	head := append(make([]byte, 0, headerLen), magic...)
	put := func(v uint32) { head = binary.LittleEndian.AppendUint32(head, v) }
	put(rulesSum(rules))
	put(uint32(len(entries)))
	size := headerLen
	for _, p := range part {
		size += len(p)
		put(uint32(len(p)))
	}
	if size > maxFile {
		return nil, fmt.Errorf("the index would have %d bytes", size)
	}
	out := make([]byte, headerLen, size)
	for _, p := range part {
		out = append(out, p...)
	}
	put(crc32.Checksum(out[headerLen:], castagnoli))
	put(crc32.Checksum(head, castagnoli))
	copy(out, head)
	return out, nil
}

func appendRecord(b []byte, p *Person, source int) []byte {
	b = binary.AppendUvarint(b, uint64(source))
	b = appendText(b, p.Name.Text())
	b = appendText(b, p.Company.Text())
	b = append(b, byte(len(p.Numbers)))
	for _, n := range p.Numbers {
		b = append(b, byte(max(0, slices.Index(kinds, n.Kind))))
		b = appendText(b, clean.Text(n.Text.Text(), clean.Name))
		b = binary.AppendUvarint(b, uint64(n.Key))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// encodeKeys leaves one entry for each key: that of the person whose it is, or, where
// it is several people's of one company, that of the company. A number that people
// share who have nothing in common is nobody's.
func encodeKeys(entries []entry) []byte {
	type owner struct {
		key number.Key
		of  int
	}
	var all []owner
	for i, e := range entries {
		for _, n := range e.Numbers {
			if n.Key != 0 {
				all = append(all, owner{n.Key, i})
			}
		}
	}
	sort.Slice(all, func(a, b int) bool {
		return all[a].key < all[b].key || all[a].key == all[b].key && all[a].of < all[b].of
	})
	var out []byte
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].key == all[0].key {
			n++
		}
		first := entries[all[0].of]
		sameName, sameCompany := true, true
		company := cmp.Or(first.Company, first.Name)
		for _, o := range all[1:n] {
			e := entries[o.of]
			sameName = sameName && strings.EqualFold(e.Name.Text(), first.Name.Text())
			sameCompany = sameCompany && strings.EqualFold(cmp.Or(e.Company, e.Name).Text(), company.Text())
		}
		if sameName || sameCompany {
			out = binary.LittleEndian.AppendUint64(out, uint64(all[0].key))
			out = binary.LittleEndian.AppendUint32(out, uint32(all[0].of))
			onlyCompany := uint32(0)
			if !sameName {
				onlyCompany = 1
			}
			out = binary.LittleEndian.AppendUint32(out, onlyCompany)
		}
		all = all[n:]
	}
	return out
}
