package desktop

import "context"

// OpenURL shows a web page in the person's browser. It blocks until that is done or has
// failed, or until ctx ends: a browser that this has started is not ended then, and it is
// no error. url has to begin with http:// or https://.
func OpenURL(ctx context.Context, url string) error { return openURL(ctx, url) }
