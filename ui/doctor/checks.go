package doctor

import (
	"time"

	"cornetta/ami"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
)

// patient is the Cornetta that is looked at, and what was learned of it so far. A field
// is written by one check, and read by those that wait for it.
type patient struct {
	Options

	cfg      config.Config            // settings
	names    []string                 // name: the PBX's addresses
	open     []string                 // port: those that answer
	greeting ami.Greeting             // tls
	greetErr error                    // tls
	password string                   // keyring
	ahead    time.Duration            // login: of the PBX's clock
	aheadErr error                    // login
	visit    *dialer.Visit            // login
	rights   dialer.Rights            // rights
	inside   *control.InsideResult    // agent: nil where none answers
	standing status.Snapshot          // agent
	windows  struct{ version string } // opengl
}

// The ids of the checks, which scripts know.
const (
	idSettings      = "settings"
	idPolicy        = "policy"
	idName          = "name"
	idPort          = "port"
	idTLS           = "tls"
	idBanner        = "banner"
	idKeyring       = "keyring"
	idLogin         = "login"
	idRights        = "rights"
	idClock         = "clock"
	idTenant        = "tenant"
	idExtension     = "extension"
	idCall          = "call"
	idAgent         = "agent"
	idBus           = "session_bus"
	idDisplay       = "display"
	idTray          = "tray"
	idNotifications = "notifications"
	idHotkeys       = "hotkeys"
	idTel           = "tel"
	idCallto        = "callto"
	idClipboard     = "clipboard"
	idSelection     = "selection"
	idOpenGL        = "opengl"
	idOthers        = "others"
	idDisk          = "disk"
	idVersions      = "versions"
)

// checks are all that are made, in the order in which a person reads them: first the way
// of a call, then what is around it.
func (p *patient) checks() []check {
	all := []check{
		{id: idSettings, run: p.settings},
		{id: idPolicy, run: p.policy},
		{id: idName, needs: []string{idSettings}, run: p.name},
		{id: idPort, needs: []string{idName}, run: p.port},
		{id: idTLS, needs: []string{idPort, idPolicy}, limit: 2 * usualLimit, run: p.tls},
		{id: idBanner, needs: []string{idTLS}, run: p.banner},
		{id: idKeyring, needs: []string{idSettings, idBus}, limit: 6 * usualLimit / 5, run: p.keyring},
		{id: idLogin, needs: []string{idBanner, idKeyring}, run: p.login},
		{id: idRights, needs: []string{idLogin}, run: p.rightsOf},
		{id: idClock, needs: []string{idLogin}, run: p.clock},
		{id: idTenant, needs: []string{idLogin}, run: p.tenant},
		{id: idExtension, needs: []string{idLogin}, run: p.extension},
		{id: idAgent, run: p.agent},
		{id: idHotkeys, needs: []string{idSettings, idDisplay}, after: []string{idAgent}, run: p.hotkeys},
		{id: idTel, limit: slowLimit, run: p.links("tel")},
		{id: idCallto, limit: slowLimit, run: p.links("callto")},
		{id: idClipboard, needs: []string{idDisplay}, run: p.clipboard},
		{id: idSelection, needs: []string{idDisplay}, run: p.selection},
		{id: idOpenGL, needs: []string{idDisplay}, limit: slowLimit, run: p.openGL},
		{id: idOthers, after: []string{idAgent}, run: p.others},
		{id: idDisk, run: p.disk},
		{id: idVersions, after: []string{idAgent, idOpenGL}, run: p.versions},
		{id: idTray, needs: []string{idBus}, after: []string{idAgent}, run: p.tray},
		{id: idNotifications, needs: []string{idBus}, limit: 6 * usualLimit / 5, run: p.notifications},
	}
	all = append(all, systemChecks...)
	if p.Call != nil {
		all = append(all, check{id: idCall, needs: []string{idRights, idExtension}, limit: callLimit, run: p.call})
	}
	return sorted(all)
}
