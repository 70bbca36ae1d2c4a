package main

import (
	"os"
	"path"
	"strings"
	"text/template"
)

// folder is a folder of the guides, as the installer for a whole machine has it.
type folder struct {
	Name    string
	Path    string // with slashes, from where the files are
	Files   []string
	Folders []folder
}

// guides is the folder at path with what people read in it.
func guides(at string) (folder, error) {
	f := folder{Name: path.Base(at), Path: at}
	entries, err := os.ReadDir(at)
	for _, e := range entries {
		switch name := path.Join(at, e.Name()); {
		case err != nil:
		case e.IsDir():
			var in folder
			if in, err = guides(name); err == nil {
				f.Folders = append(f.Folders, in)
			}
		case path.Ext(name) == ".md" || path.Ext(name) == ".png":
			f.Files = append(f.Files, name)
		}
	}
	return f, err
}

// All are the files in f and below it.
func (f folder) All() []string {
	all := f.Files
	for _, in := range f.Folders {
		all = append(all, in.All()...)
	}
	return all
}

// guideID is a name that Windows Installer takes.
func guideID(path string) string {
	return strings.NewReplacer("/", ".", "-", "_").Replace(path)
}

var _ = template.Must(description.New("guides").Funcs(template.FuncMap{"guide": guideID, "base": path.Base}).Parse(
	`<Directory Id="{{guide .Path}}" Name="{{.Name}}">
{{- range .Files}}
  <Component Id="{{guide .}}" Win64="yes" Guid="{{id .}}"><File Id="file.{{guide .}}" Name="{{base .}}" Source="{{.}}" KeyPath="yes"/></Component>
{{- end}}
{{- range .Folders}}
{{template "guides" .}}
{{- end}}
</Directory>`))
