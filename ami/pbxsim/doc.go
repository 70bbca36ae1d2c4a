// Package pbxsim is a PBX inside the process. It speaks the Asterisk Manager
// Interface on a real TCP or TLS socket, with framing of its own, and behaves
// as a KalliopePBX does: both click-to-call syntaxes, one tenant, the fixed
// rights of its AMI accounts (read call; write call, originate), and the events
// of every call sent to every session. Tests drive it through the methods in
// hooks.go; `cornetta demo` runs on it at a human pace.
//
// The event sequences are those that Asterisk 16.28 and 22.10 really sent; the
// recordings are in testdata and the package's tests compare against them,
// header by header. What the older flavours do otherwise (Dial and Bridge instead of
// DialBegin and BridgeEnter, no Linkedid, no ids chosen by the client, Rename where
// the Local channels vanish, no DialState) is in flavours.go, each with its source.
//
// Sides with more than one phone, and what the PBX plays by itself, follow what
// those two sent for the dial plan of package asterisktest (sides.go).
//
// Not simulated: voice, transfers (Redirect and Atxfer are allowed and fail),
// parking, queues with more than one member.
//
// Concurrency: one mutex guards all state: channels, devices, sessions. A call has
// a goroutine that owns its timers and waits without the mutex; a session has a
// reader and a writer. Events are queued for all sessions while the mutex is held,
// so that all of them see one order, and written without it. Close ends all
// goroutines and waits for them.
package pbxsim
