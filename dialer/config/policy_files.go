package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"cornetta/dialer/setting"
	"cornetta/internal/durable"
)

// maxPolicies is how many files a policy is read from, and maxNames how many others may
// lie beside them.
const (
	maxPolicies = 64
	maxNames    = 1024
)

// policyFiles is what the files below dir say: policy.toml, then those of policy.d in
// the order of their names.
func policyFiles(dir string) []given {
	var all []given
	add := func(path string) {
		data, err := readPolicy(path)
		if errors.Is(err, fs.ErrNotExist) {
			if _, there := os.Lstat(path); there != nil {
				return
			}
		}
		all = append(all, givenIn(path, data, err))
	}
	add(filepath.Join(dir, "policy.toml"))
	more := filepath.Join(dir, "policy.d")
	names, err := tomlNames(more)
	if err != nil {
		return append(all, given{Source: more, err: err})
	}
	for _, name := range names {
		add(filepath.Join(more, name))
	}
	return all
}

// enrolmentFiles are the enrolments that were left below dir, in the order of their
// names.
func enrolmentFiles(dir, login string) []given {
	var all []given
	more := filepath.Join(dir, "enrol.d")
	names, err := tomlNames(more)
	if err != nil {
		return []given{{Source: more, enrolment: true, err: err}}
	}
	for _, name := range names {
		path := filepath.Join(more, name)
		data, err := readPolicy(path)
		all = append(all, left(path, data, err, login))
	}
	return all
}

// tomlNames are the names of the files in a folder that a policy or an enrolment can
// stand in, sorted; none where there is no folder.
func tomlNames(dir string) ([]string, error) {
	names, err := durable.Names(dir, maxNames)
	if err != nil && !errors.Is(err, io.EOF) {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return nil, err
	}
	all := len(names)
	names = slices.DeleteFunc(names, func(name string) bool {
		return strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".toml") && !strings.HasSuffix(name, EnrolmentExt)
	})
	switch {
	case all == maxNames: // who knows what the rest is
		return nil, fmt.Errorf("more than %d files", maxNames-1)
	case len(names) > maxPolicies:
		return nil, fmt.Errorf("more than %d files", maxPolicies)
	}
	slices.Sort(names)
	return names, nil
}

// readPolicy is a file that nobody but who owns it can write.
func readPolicy(path string) ([]byte, error) {
	f, err := durable.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = onlyAdministrators(info)
	}
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxSize:
		return nil, fmt.Errorf("more than %d bytes", maxSize)
	}
	if data = unmarked(data); len(data) == 0 { // as a disk that was full leaves it
		return nil, errEmpty
	}
	return data, nil
}

// unmarked is a text without the byte order mark with which some programs of Windows begin
// one, and in UTF-8 where the mark says that it is in UTF-16.
func unmarked(data []byte) []byte {
	text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil {
		return data
	}
	return text
}

// givenIn is what a file says; err is why it could not be read.
func givenIn(path string, data []byte, err error) given {
	g := given{Source: path, err: err}
	var file map[string]any
	if g.err == nil {
		if g.err = toml.Unmarshal(data, &file); g.err != nil {
			if at := new(toml.DecodeError); errors.As(g.err, &at) {
				g.line, _ = at.Position()
			}
		}
	}
	if g.err != nil {
		return g
	}
	type value struct {
		keys []string
		v    any
		line int
	}
	var values []value
	lines := linesOf(data)
	var walk func(keys []string, table map[string]any)
	walk = func(keys []string, table map[string]any) {
		for key, v := range table {
			path := append(slices.Clone(keys), key)
			if in, ok := v.(map[string]any); ok && len(path) < 4 {
				walk(path, in)
				continue
			}
			values = append(values, value{path, v, lines[strings.Join(path, "\x00")]})
		}
	}
	walk(nil, file)
	slices.SortFunc(values, func(a, b value) int {
		return cmp.Or(cmp.Compare(a.line, b.line), slices.Compare(a.keys, b.keys))
	})
	for _, v := range values {
		level, group, key := Level(v.keys[0]), "", v.keys[len(v.keys)-1]
		if len(v.keys) == 3 {
			group = v.keys[1]
		}
		if len(v.keys) > 3 || len(v.keys) < 2 || level != LevelDefault && level != LevelLocked {
			group = "?" // in none of the tables that there are
		}
		g.take(level, group, key, v.v, v.line)
	}
	return g
}

// fits reports whether a value has a type that the setting can be given in: a text can be
// anything that is read out of it, and nothing has dates or fractions.
func fits(d Setting, v any) bool {
	switch v.(type) {
	case string:
		return true
	case bool:
		return d.Kind == setting.KindSwitch
	case int64, uint64:
		return d.Kind != setting.KindList
	case []any, []string:
		return d.Kind == setting.KindList
	}
	return false
}

// textOf is a value of a file as a setting's Parse takes it.
func textOf(v any) string {
	switch list := v.(type) {
	case []any:
		data, _ := json.Marshal(list)
		return string(data)
	case []string:
		if len(list) == 0 {
			return ""
		}
		data, _ := json.Marshal(list)
		return string(data)
	}
	return fmt.Sprint(v)
}

// linesOf is the line of each key in a file that is good TOML.
func linesOf(data []byte) map[string]int {
	lines := map[string]int{}
	p := unstable.Parser{}
	p.Reset(data)
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		var keys []string
		line := 0
		for it := e.Key(); it.Next(); {
			n := it.Node()
			keys = append(keys, string(n.Data))
			if line == 0 {
				line = p.Shape(n.Raw).Start.Line
			}
		}
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = keys
		case unstable.KeyValue:
			lines[strings.Join(append(slices.Clone(table), keys...), "\x00")] = line
		}
	}
	return lines
}
