package desktop

import "strings"

// mimeDefaults is the group of mimeapps.list that names the programs for a
// type, the preferred one first.
const mimeDefaults = "[Default Applications]"

// preferFor puts app in front for each of types, and leaves the rest of list
// as it is.
func preferFor(list, app string, types []string) string {
	list = withoutApp(list, app, types)
	for _, mime := range types {
		list = changeDefault(list, mime, func(apps string, there bool) (string, bool) {
			return app + ";" + apps, true
		})
	}
	return list
}

// withoutApp undoes preferFor: what was preferred before is so again.
func withoutApp(list, app string, types []string) string {
	for _, mime := range types {
		list = changeDefault(list, mime, func(apps string, there bool) (string, bool) {
			var rest []string
			for a := range strings.SplitSeq(apps, ";") {
				if strings.TrimSpace(a) != app {
					rest = append(rest, a)
				}
			}
			left := strings.Join(rest, ";")
			return left, there && (left == apps || strings.Trim(left, "; ") != "")
		})
	}
	if strings.TrimSpace(list) == mimeDefaults {
		return "" // the group was ours alone
	}
	return list
}

// changeDefault rewrites the value of mime; keep false takes its line away, or
// adds none.
func changeDefault(list, mime string, change func(value string, there bool) (now string, keep bool)) string {
	var out strings.Builder
	inGroup, done := false, false
	add := func() {
		if v, keep := change("", false); keep && !done {
			out.WriteString(mime + "=" + v + "\n")
		}
		done = true
	}
	for line := range strings.Lines(list) {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "[") {
			inGroup = text == mimeDefaults
			out.WriteString(line)
			if inGroup && !done && !hasKey(list, mime) {
				if !strings.HasSuffix(line, "\n") {
					out.WriteString("\n")
				}
				add()
			}
			continue
		}
		key, value, ok := strings.Cut(text, "=")
		if !inGroup || !ok || strings.TrimSpace(key) != mime || done {
			out.WriteString(line)
			continue
		}
		done = true
		before := strings.TrimSpace(value)
		switch now, keep := change(before, true); {
		case !keep:
		case now == before:
			out.WriteString(line)
		default:
			out.WriteString(mime + "=" + now + "\n")
		}
	}
	if !done {
		if v, keep := change("", false); keep {
			if s := out.String(); s != "" && !strings.HasSuffix(s, "\n") {
				out.WriteString("\n")
			}
			out.WriteString(mimeDefaults + "\n" + mime + "=" + v + "\n")
		}
	}
	return out.String()
}

// preferred is the first program for mime, "" where the list names none.
func preferred(list, mime string) string {
	first := ""
	changeDefault(list, mime, func(apps string, there bool) (string, bool) {
		app, _, _ := strings.Cut(apps, ";")
		first = strings.TrimSpace(app)
		return apps, there
	})
	return first
}

// hasKey reports whether the group has a line for mime.
func hasKey(list, mime string) bool {
	inGroup := false
	for line := range strings.Lines(list) {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "[") {
			inGroup = text == mimeDefaults
		}
		if key, _, ok := strings.Cut(text, "="); ok && inGroup && strings.TrimSpace(key) == mime {
			return true
		}
	}
	return false
}
