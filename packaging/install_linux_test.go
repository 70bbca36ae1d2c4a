package packaging

import (
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestInstall: `make install` puts all there is below DESTDIR and PREFIX and nothing
// elsewhere, for everybody to read, and what names the program names it where it will be.
func TestInstall(t *testing.T) {
	t.Chdir("..")
	programs, root := t.TempDir(), t.TempDir()
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", programs, "./cmd/cornetta").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(programs, "cornetta-ui"), []byte("the windows\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	install := func() {
		t.Helper()
		// As who builds for everybody and otherwise shows nothing to anybody.
		cmd := exec.Command("sh", "-c", `umask 077; exec packaging/linux/install.sh "$0"`, programs)
		cmd.Env = append(os.Environ(), "DESTDIR="+root, "PREFIX=/opt/cornetta", "CORNETTA_LANGUAGE=it", "HOME="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	install()

	const app = "io.cornetta.Cornetta"
	want := []string{"etc/xdg/autostart/" + app + ".desktop"}
	for _, name := range []string{
		"bin/cornetta", "bin/cornetta-ui",
		"share/applications/" + app + ".desktop", "share/applications/" + app + ".Links.desktop",
		"share/bash-completion/completions/cornetta", "share/fish/vendor_completions.d/cornetta.fish", "share/zsh/site-functions/_cornetta",
		"share/dbus-1/services/" + app + ".service", "share/metainfo/" + app + ".metainfo.xml",
		"share/man/man1/cornetta.1.gz", "share/man/man1/cornetta-ui.1.gz",
		"share/man/it/man1/cornetta.1.gz", "share/man/it/man1/cornetta-ui.1.gz", "share/mime/packages/" + app + ".xml",
		"share/doc/cornetta/README.md", "share/doc/cornetta/CHANGELOG.md", "share/doc/cornetta/ATTACK-SURFACE.md", "share/doc/cornetta/SECURITY.md",
		"share/icons/hicolor/scalable/apps/" + app + ".svg",
		"share/doc/cornetta/policies/Cornetta.admx", "share/doc/cornetta/policies/en-US/Cornetta.adml", "share/doc/cornetta/policies/it-IT/Cornetta.adml",
	} {
		want = append(want, "opt/cornetta/"+name)
	}
	// hicolor's own sizes of pictures of programs, up to the largest that anybody shows.
	for _, size := range []string{"16x16", "22x22", "24x24", "32x32", "48x48", "64x64", "128x128", "256x256", "512x512"} {
		want = append(want, "opt/cornetta/share/icons/hicolor/"+size+"/apps/"+app+".png")
	}
	for _, pattern := range []string{"*.md", "*/*.md", "images/*/*.png"} { // the guides
		pages, err := filepath.Glob(filepath.Join("docs", pattern))
		if err != nil || len(pages) == 0 {
			t.Fatalf("docs/%s: %q, %v", pattern, pages, err)
		}
		for _, page := range pages {
			want = append(want, "opt/cornetta/share/doc/cornetta/"+filepath.ToSlash(page))
		}
	}
	slices.Sort(want)
	if got := installed(t, root); !slices.Equal(got, want) {
		t.Errorf("installed:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	for _, name := range want {
		path := filepath.Join(root, name)
		content := read(t, path)
		switch {
		case strings.HasSuffix(name, ".png") && strings.Contains(name, "/hicolor/"):
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			c, err := png.DecodeConfig(f)
			f.Close()
			if side, _, _ := strings.Cut(strings.Split(name, "/")[5], "x"); err != nil || strings.Trim(side, "0123456789") != "" || side != strconv.Itoa(c.Width) || c.Width != c.Height {
				t.Errorf("%s is %d by %d, %v", name, c.Width, c.Height, err)
			}
		case strings.HasSuffix(name, ".desktop"), strings.HasSuffix(name, ".service"):
			if !strings.Contains(content, "/opt/cornetta/bin/cornetta") || strings.Contains(content, root) {
				t.Errorf("%s:\n%s", name, content)
			}
		}
		if strings.Contains(content, "@VERSION@") || strings.Contains(content, "@DATE@") {
			t.Errorf("%s is not filled in", name)
		}
	}

	install() // again
	if got := installed(t, root); !slices.Equal(got, want) {
		t.Errorf("installed twice: %q", got)
	}

	// Without the programs nothing is touched.
	if out, err := exec.Command("packaging/linux/install.sh", t.TempDir()).CombinedOutput(); err == nil || !strings.Contains(string(out), "make build") {
		t.Errorf("%v: %s", err, out)
	}
}

// installed are the files below root, of which each folder and file has to be readable.
func installed(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if d.IsDir() || filepath.Base(filepath.Dir(path)) == "bin" {
			mode = 0o755
		}
		if info.Mode().Perm() != mode {
			t.Errorf("%s has the mode %v", name, info.Mode())
		}
		if !d.IsDir() {
			all = append(all, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
