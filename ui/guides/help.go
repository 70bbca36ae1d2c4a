package guides

import (
	"io"
	"regexp"
	"strings"

	"cornetta/internal/durable"
)

// maxPage is many times the bytes of a page.
const maxPage = 1 << 20

// Help is what a page says of a problem, by its code, as plain text; "" where it cannot be
// read, or says nothing of it. It blocks on the disk.
func Help(page, code string) string {
	f, err := durable.Open(page)
	if err != nil {
		return ""
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPage))
	if err != nil {
		return ""
	}
	return section(string(data), code)
}

// section is the text below a heading, up to the next one.
func section(page, heading string) string {
	var lines []string
	within := false
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\r\n")
		if name, ok := strings.CutPrefix(line, "### "); ok || strings.HasPrefix(line, "## ") {
			within = ok && name == heading
			continue
		}
		if within {
			lines = append(lines, line)
		}
	}
	return plain(lines)
}

var (
	link     = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
	stressed = regexp.MustCompile(`\*{1,2}([^*]+)\*{1,2}`)
)

// plain has each paragraph in one line, and no signs of Markdown.
func plain(lines []string) string {
	var out, paragraph []string
	code := false
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, unmarked(strings.Join(paragraph, " ")))
		}
		paragraph = nil
	}
	for _, l := range lines {
		text := strings.TrimSpace(l)
		item := strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "|")
		if strings.HasPrefix(text, "```") || text == "" || code || item {
			flush()
		}
		switch {
		case strings.HasPrefix(text, "```"):
			code = !code
		case code:
			out = append(out, "    "+l)
		case text == "":
			out = append(out, "")
		default:
			paragraph = append(paragraph, text)
		}
	}
	flush()
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// unmarked is a paragraph without the signs for links, and for what is stressed.
func unmarked(text string) string {
	parts := strings.Split(link.ReplaceAllString(text, "$1"), "`")
	for i := range parts {
		if i%2 == 0 { // what is between two of these stands as it is
			parts[i] = stressed.ReplaceAllString(parts[i], "$1")
		}
	}
	return strings.Join(parts, "")
}
