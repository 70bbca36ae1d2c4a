package window

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/ami/clean"
	"cornetta/dialer/contacts"
	"cornetta/internal/durable"
	"cornetta/ui/words"
)

// browseWindow goes through folders to a file with an address book. It is a list as all
// others are here: the toolkit's own dialog speaks English, cannot be used by keys alone and
// opens what is picked, and each desktop has another one.
type browseWindow struct {
	app   *App
	win   fyne.Window
	keys  *keys
	place *widget.Label // the folder
	list  *picker[browsed]
	says  *widget.Label // why there is nothing to pick
	whole *button       // takes all of the folder
	root  *fyne.Container

	in   string            // the folder; "" where the drives are listed
	take func(path string) // what is done with what was picked
	turn int               // tells a folder from one that is no longer waited for
}

// browsed is a row: a file, a folder, or the way up.
type browsed struct {
	path   string
	up     bool
	folder bool
}

// maxBrowsed is how much of a folder is listed.
const maxBrowsed = 5000

// bookExts are the ends of the names of files that can be address books, by their kinds.
var bookExts = map[string]contacts.SourceType{
	".vcf": contacts.VCard, ".vcard": contacts.VCard, ".csv": contacts.CSV, ".tsv": contacts.CSV, ".txt": contacts.CSV,
}

func bookExt(path string) contacts.SourceType { return bookExts[strings.ToLower(filepath.Ext(path))] }

func newBrowseWindow(a *App) *browseWindow {
	b := &browseWindow{app: a, place: newNote("")}
	b.keys = &keys{escape: b.hide}
	b.win = a.newWindow(words.Text(words.TitleBrowse), b.keys)
	b.place.Wrapping = fyne.TextWrapBreak // a path has no spaces
	b.list = newPicker(a, b.keys, pickerOf[browsed]{
		row: newFileRow,
		draw: func(r *pickRow, f browsed) {
			icon := theme.FileIcon()
			switch {
			case f.up:
				icon = theme.MoveUpIcon()
			case f.folder:
				icon = theme.FolderIcon()
			}
			r.sign.SetResource(icon)
			r.sign.Show()
			r.main.SetText(f.name())
		},
		fits: func(f browsed, text string) fit { return fitsIn(f.name(), text) },
		pick: b.pick,
	})
	b.list.HideSeparators = true
	b.whole = newButton(b.keys, words.Text(words.LabelWholeFolder), func() { b.done(b.in) })
	cancel := newButton(b.keys, words.Text(words.LabelCancel), b.hide)
	b.says = newText("")
	footer := container.NewVBox(b.says, widget.NewSeparator(), container.NewHBox(cancel, layout.NewSpacer(), b.whole))
	b.root = container.NewBorder(b.place, footer, nil, nil, b.list.box)
	fill(b.win, b.keys, 420, b.root)
	b.win.Resize(fyne.NewSize(520, 480))
	return b
}

// newFileRow is one line with a sign in front.
func newFileRow() *pickRow {
	return newPickRow(func(r *pickRow) fyne.CanvasObject {
		return container.NewBorder(nil, nil, indented(r.sign), nil, r.main)
	})
}

// name is what a row says.
func (f browsed) name() string {
	if f.up {
		return words.Text(words.LabelFolderAbove)
	}
	name := filepath.Base(f.path)
	if name == string(filepath.Separator) { // a drive
		name = f.path
	}
	return clean.Text(name, clean.Detail)
}

// show lists the folder of a path, or the person's own, for take.
func (b *browseWindow) show(path string, take func(path string)) {
	b.take = take
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); !filepath.IsAbs(path) || err != nil || !info.IsDir() {
		dir, _ = os.UserHomeDir()
	}
	b.load(dir, path)
	b.app.raise(b.win)
}

func (b *browseWindow) hide() {
	b.turn++
	b.app.hide(b.win)
}

func (b *browseWindow) done(path string) {
	b.hide()
	b.take(path)
}

func (b *browseWindow) pick(f browsed) {
	switch {
	case f.up:
		b.load(f.path, b.in)
	case f.folder:
		b.load(f.path, "")
	default:
		b.done(f.path)
	}
}

// load lists a folder, with the keyboard on the row of a path.
func (b *browseWindow) load(dir, on string) {
	b.turn++
	turn := b.turn
	b.app.ask(askTime, func(ctx context.Context) func() {
		all, err := browse(ctx, dir)
		return func() {
			if b.turn != turn {
				return
			}
			b.in = dir
			say(b.place, clean.Text(dir, maxPlace), widget.LowImportance)
			b.whole.enable(err == nil && dir != "")
			b.list.set(all, "")
			note := ""
			switch {
			case err != nil:
				note = words.Text(words.SayFolderUnread)
			case len(all) == 0 || len(all) == 1 && all[0].up:
				note = words.Text(words.SayNoBookFiles)
			}
			say(b.says, note, widget.MediumImportance)
			if i := slices.IndexFunc(all, func(f browsed) bool { return f.path == on && !f.up }); i >= 0 {
				b.list.move(i)
			} else if len(all) > 1 && all[0].up {
				b.list.move(1)
			}
			relayout(b.root)
			if len(all) > 0 {
				b.win.Canvas().Focus(b.list) // which may not have been drawn yet
			}
		}
	})
}

// browse is what is in a folder and can be picked: other folders, then files; what is
// hidden is left out.
func browse(ctx context.Context, dir string) (all []browsed, err error) {
	if dir == "" {
		return drives(), nil
	}
	if up := filepath.Dir(dir); up != dir {
		all = append(all, browsed{path: up, up: true})
	} else if runtime.GOOS == "windows" {
		all = append(all, browsed{up: true}) // to the drives
	}
	entries, err := durable.Entries(dir, maxBrowsed)
	if err != nil {
		return all, err
	}
	var folders, files []browsed
	for _, e := range entries {
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		path := filepath.Join(dir, e.Name())
		isDir := e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			isDir = err == nil && info.IsDir()
		}
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case isDir:
			folders = append(folders, browsed{path: path, folder: true})
		case bookExt(path) != "":
			files = append(files, browsed{path: path})
		}
	}
	for _, some := range [][]browsed{folders, files} {
		slices.SortFunc(some, func(a, b browsed) int {
			return strings.Compare(contacts.Fold(a.name()), contacts.Fold(b.name()))
		})
		all = append(all, some...)
	}
	return all, nil
}

// drives are those of Windows.
func drives() (all []browsed) {
	for letter := 'A'; letter <= 'Z'; letter++ {
		if path := string(letter) + `:\`; exists(path) {
			all = append(all, browsed{path: path, folder: true})
		}
	}
	return all
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
