const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J'
const LEAVE = '\u001b[?25h\u001b[?1049l'

/** What an arrow or a function key sends; none of them is a key of ours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const SEQUENCES = /\u001b(?:\[[0-9;?]*[@-~]|O.)/g

/** A terminal as a whole: one screen that is redrawn in place, and single keys. */
export type FullScreen = {
  /** Replaces the screen; lines of the body that do not fit are left out, lines of the foot never. */
  draw(screen: { readonly body: string; readonly foot: string }): void
  /** Gives the terminal back as it was. Safe to call twice. */
  close(): void
}

/** Takes the terminal over; `onKey` gets each key, Ctrl-C included. `close` it, or the end of the process does. */
export function openFullScreen(
  { stdin, stdout }: Pick<NodeJS.Process, 'stdin' | 'stdout'>,
  onKey: (key: string) => void,
): FullScreen {
  let open = true
  const onData = (data: string) => {
    for (const key of data.replace(SEQUENCES, '')) onKey(key)
  }
  const close = () => {
    if (!open) return
    open = false
    process.off('exit', close)
    stdin.off('data', onData).pause()
    stdin.setRawMode(false)
    stdout.write(LEAVE)
  }
  stdin.setRawMode(true)
  stdin.setEncoding('utf8').on('data', onData).resume()
  process.on('exit', close)
  stdout.write(ENTER)
  return { draw, close }

  function draw({ body, foot }: { readonly body: string; readonly foot: string }): void {
    if (!open) return
    const below = foot.split('\n')
    const room = Math.max(0, (stdout.rows ?? 24) - below.length)
    const shown = [...body.split('\n').slice(0, room), ...below]
    stdout.write(`\u001b[H${shown.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`)
  }
}
