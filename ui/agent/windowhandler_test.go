package agent

import (
	"context"
	"strings"
	"testing"

	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

func TestPreviewSaysWhy(t *testing.T) {
	a := &agent{cfg: config.Default()}
	c := &windowHandler{a}
	v := c.Preview(context.Background(), "0 899123456")
	if v.Problem != nil || v.Dial != "0899123456" || v.Shown != "0 899 123 456" || strings.Join(v.Reasons, " ") != "premium" {
		t.Errorf("%+v", v)
	}
	if p := c.Dial(context.Background(), "0 899123456"); p == nil || p.Code != status.CodeConfirm {
		t.Errorf("dialled without a yes: %v", p)
	}
	if p := c.DialConfirmed(context.Background(), "0 899123456", "0899123457", false); p == nil || p.Code != status.CodeConfirm {
		t.Errorf("dialled with a yes to another number: %v", p)
	}
	if v := c.Preview(context.Background(), "+39 050 1234567"); v.Shown != "0 050 123 4567" || len(v.Reasons) != 0 {
		t.Errorf("%+v", v)
	}
	if v := c.Preview(context.Background(), "06 1234567x"); v.Problem == nil || v.Problem.Fault != string(number.Letters) {
		t.Errorf("%+v", v)
	}
}
