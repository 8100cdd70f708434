// A receiver of Trunkline's webhooks and call hooks: every message is verified, no event is handled twice.
// Go 1.21 or newer, the standard library alone.
//
//	WEBHOOK_SECRETS="whsec_..." go run receiver.go
//
// WEBHOOK_SECRETS: the secrets that messages may be signed with, separated by spaces; two while you change
// from one to the other. PORT: 8080. DATA: the file that remembers what was handled, handled.txt.
// BLOCKED_NUMBERS: with whom no call is made or taken. Put it behind your own server that speaks HTTPS.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"os"
	"sync"
)

// [verify]
import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const oldest = 5 * time.Minute

// isGenuine says whether one of secrets (whsec_...) signed these very bytes, at most 5 minutes ago.
func isGenuine(body []byte, headers http.Header, secrets []string) bool {
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || id == "" || time.Since(time.Unix(seconds, 0)).Abs() > oldest {
		return false
	}
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			continue
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		expected := mac.Sum(nil)
		for _, signature := range strings.Fields(headers.Get("webhook-signature")) {
			version, value, _ := strings.Cut(signature, ",")
			given, err := base64.StdEncoding.DecodeString(value)
			if err == nil && version == "v1" && hmac.Equal(given, expected) {
				return true
			}
		}
	}
	return false
}

// [/verify]

const mostBytes = 1 << 20

type object = map[string]any

type question struct {
	Moment string
	Call   struct{ From, To string }
}

var (
	secrets = strings.Fields(os.Getenv("WEBHOOK_SECRETS"))
	blocked = strings.Fields(os.Getenv("BLOCKED_NUMBERS"))
)

// handle is your work. Within 10 s, or the event is sent again; what takes longer belongs into a queue.
func handle(event json.RawMessage) error {
	_, err := fmt.Println(string(event))
	return err
}

// decide is your decision about a call that waits, within the hook's deadline.
func decide(asked question) object {
	if asked.Moment == "before_answer" {
		if isBlocked(asked.Call.From) {
			return object{"action": "reject", "code": 603, "reason": "The caller is blocked."}
		}
		return object{"action": "answer", "variables": object{"caller_number": asked.Call.From}}
	}
	if isBlocked(asked.Call.To) {
		return object{"action": "deny", "reason": "The number is blocked."}
	}
	return object{"action": "allow"}
}

func isBlocked(number string) bool {
	for _, one := range blocked {
		if one == number {
			return true
		}
	}
	return false
}

// journal is what was handled, also before a restart. With a database of your own, keep the id there
// instead, in the transaction of the work: here a crash between the two has the event handled again.
type journal struct {
	sync.Mutex
	ids  map[string]bool
	file *os.File
}

func open(path string) (*journal, error) {
	known, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	found := &journal{ids: map[string]bool{}, file: file}
	for _, id := range strings.Fields(string(known)) {
		found.ids[id] = true
	}
	return found, err
}

// once has the event handled, unless it was before: false. One at a time.
func (j *journal) once(id string, event json.RawMessage) (bool, error) {
	j.Lock()
	defer j.Unlock()
	if j.ids[id] {
		return false, nil
	}
	if err := handle(event); err != nil {
		return false, err
	}
	if _, err := fmt.Fprintln(j.file, id); err != nil {
		return false, err
	}
	j.ids[id] = true
	return true, j.file.Sync()
}

func (j *journal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBytes))
	if err != nil {
		answer(w, http.StatusRequestEntityTooLarge, object{"error": "the body is too long"})
		return
	}
	if !isGenuine(body, r.Header, secrets) {
		answer(w, http.StatusUnauthorized, object{"error": "the signature is not ours, or the message is old"})
		return
	}
	var asked question
	if err := json.Unmarshal(body, &asked); err != nil {
		answer(w, http.StatusBadRequest, object{"error": "the body is no JSON object"})
		return
	}
	if asked.Moment != "" {
		answer(w, http.StatusOK, decide(asked))
		return
	}
	handled, err := j.once(r.Header.Get("webhook-id"), body)
	if err != nil {
		log.Print(err)
		answer(w, http.StatusInternalServerError, object{"error": "it could not be handled"})
		return
	}
	answer(w, http.StatusOK, object{"handled": handled})
}

func answer(w http.ResponseWriter, status int, content object) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(content); err != nil {
		log.Print(err)
	}
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func main() {
	if len(secrets) == 0 {
		log.Fatal("Set WEBHOOK_SECRETS to the secret that Trunkline showed.")
	}
	handled, err := open(setting("DATA", "handled.txt"))
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(setting("HOST", "127.0.0.1"), setting("PORT", "8080")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on port %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal((&http.Server{Handler: handled, ReadTimeout: 10 * time.Second}).Serve(listener))
}
