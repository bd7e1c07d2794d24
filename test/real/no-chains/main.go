// Command no-chains writes the bundle of known chains that op-node embeds, with no chain in it, and its checksum,
// into the folder it is given. optimism's repository makes the real one from another repository and leaves it out of
// its module; a devnet's chain would not be in it anyhow.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

const name = "superchain-configs.zip"

func main() {
	var bundle bytes.Buffer
	archive := zip.NewWriter(&bundle)
	for _, entry := range []struct{ name, content string }{{"dictionary", ""}, {"chains.json", "{}"}, {"COMMIT", "none"}} {
		file, err := archive.Create(entry.name)
		check(err)
		_, err = file.Write([]byte(entry.content))
		check(err)
	}
	check(archive.Close())
	sum := fmt.Sprintf("%x  %s\n", sha256.Sum256(bundle.Bytes()), name)
	check(os.WriteFile(filepath.Join(os.Args[1], name), bundle.Bytes(), 0o644))
	check(os.WriteFile(filepath.Join(os.Args[1], name+".sha256"), []byte(sum), 0o644))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
