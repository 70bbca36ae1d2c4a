// Package channel is the private line between the agent (cornetta) and the
// program that draws the windows (cornetta-ui): the types that travel on it
// and both of its ends.
//
// The agent starts the windows as its own child and talks to them over the
// child's stdin and stdout, so nobody else can join in and no permission has
// to be checked: who holds the other end is who we started. What is spoken on it
// is package ipc's. The agent is the server ([Serve]) and pushes [Snapshot]-s,
// [Show]-s, [Ask]-s and [CheckStep]-s; the windows are the client ([Connect]). A method
// is declared here once; its handler stands in the agent's table, and whoever uses it
// says [Call].
//
// The windows hold no state and no secret. A secret that was typed goes to the
// agent inside an [Edit] and never comes back; [SecretView] only says whether
// there is one and where it is kept. The windows take the end of their stdin as
// the end of the agent and exit.
//
// Concurrency: every exported method may be called from any goroutine. Requests
// are answered side by side, so that a check that takes twenty seconds does not
// hold up the preview of a number. Pushes never block the agent: of snapshots
// the newest counts, at most ten a second.
//
// Tests run both ends on io.Pipe, and check with goleak that nothing is left
// running. Those of ui/window speak to their own agent over it.
package channel
