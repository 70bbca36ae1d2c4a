// Package guides finds the guides (docs/) that are installed with the program: in one
// place for all who point to them. Of the page about trouble it reads what is said of a
// problem ([Help]).
package guides

import (
	"os"
	"path/filepath"

	"cornetta/ui/words"
)

// Trouble is the page with every problem, in the language in use, as a path for people;
// "" where it is not installed. A problem's heading there is its code. It blocks on the
// disk.
func Trouble() string {
	program, err := os.Executable()
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	if err != nil {
		return ""
	}
	return beside(filepath.Dir(program), words.Language(), "trouble.md")
}

// beside is where a page is whose program is in dir: beside it, as on Windows; below
// share, as in packages; or in the tree that it was built in.
func beside(dir, language, name string) string {
	for _, docs := range []string{
		filepath.Join(dir, "docs"),
		filepath.Join(dir, "..", "share", "doc", "cornetta", "docs"),
		filepath.Join(dir, "..", "docs"),
	} {
		path := filepath.Join(docs, language, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}
