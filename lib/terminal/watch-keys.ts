import type { Snapshot } from '../context/inspect.ts'
import { gatherNodes, rankCandidates } from '../text/nodes.ts'

/** What `baton watch` shows, and the question it asks, if any. */
export type Screen = {
  readonly shows: 'status' | 'explanation' | 'history' | 'keys'
  readonly question?: Question
  /** What came of the last act. */
  readonly message?: string
}

/** An act that waits for a `y`, or the choice of a node. */
type Question =
  | { readonly asks: 'confirm'; readonly text: string; readonly order: Order }
  | { readonly asks: 'target'; readonly text: string; readonly nodes: readonly string[] }

/** What a key press orders. */
export type Order =
  | { readonly act: 'pause' | 'resume'; readonly input: object }
  | { readonly act: 'hold'; readonly input: { readonly node: string } }
  | { readonly act: 'switchover'; readonly input: { readonly to?: string } }

/** A key press changes the screen, and may order an act or end the watch. */
export type Pressed = { readonly screen: Screen; readonly order?: Order; readonly quit?: true }

/** The keys, as the foot of the screen shows them. */
export const KEYS = 't transfer  p pause  r resume  h hold  d details  l history  ? keys  q quit'

/** All keys with their meaning, for the screen of `?`. */
export const keyMeanings: readonly (readonly [key: string, meaning: string])[] = [
  ['t', 'transfer: choose where sequencing goes, then confirm'],
  ['p', 'pause: Baton observes and moves nothing until you resume'],
  ['r', 'resume'],
  ['h', 'hold: pin sequencing to the leader'],
  ['d or Enter', 'details: what Baton would do now, and why nothing else'],
  ['l', 'the latest acts'],
  ['Esc', 'back, or no'],
  ['q or Ctrl-C', 'quit'],
]

const CTRL_C = '\u0003'
const ESCAPE = '\u001b'
const isEnter = (key: string) => key === '\r' || key === '\n'

/** The screen after a key press. No act is ordered without a `y` in answer to its question. */
export function press(screen: Screen, key: string, snapshot: Snapshot | undefined): Pressed {
  const { question } = screen
  if (key === CTRL_C) return { screen, quit: true }
  if (question) return answer(screen.shows, question, key)
  if (key === 'q') return { screen, quit: true }
  const shows = showing(screen, key)
  if (shows) return { screen: { shows } }
  const asked = snapshot && ask(key, snapshot)
  return { screen: asked ? { shows: screen.shows, question: asked } : { shows: screen.shows } }
}

function showing({ shows }: Screen, key: string): Screen['shows'] | undefined {
  const toggled = (name: Screen['shows']) => (shows === name ? 'status' : name)
  if (key === 'd' || isEnter(key)) return toggled('explanation')
  if (key === 'l') return toggled('history')
  if (key === '?') return toggled('keys')
  return key === ESCAPE ? 'status' : undefined
}

function ask(key: string, snapshot: Snapshot): Question | undefined {
  const leader = snapshot.view.head?.leader || snapshot.view.lease?.leader
  switch (key) {
    case 'p':
      return confirm('Pause Baton? It then moves nothing until you resume', { act: 'pause', input: {} })
    case 'r':
      return confirm('Resume? Baton then acts on its own again', { act: 'resume', input: {} })
    case 'h':
      return leader ? confirm(`Pin sequencing to ${leader}?`, { act: 'hold', input: { node: leader } }) : undefined
    case 't':
      return chooseTarget(snapshot, leader)
    default:
      return undefined
  }
}

/** The nodes that could take over, best first; then the others, which Baton would refuse. */
function chooseTarget(snapshot: Snapshot, leader: string | undefined): Question {
  const fit = rankCandidates(snapshot).map(({ name }) => name)
  const others = gatherNodes(snapshot).flatMap(({ name }) => (name === leader || fit.includes(name) ? [] : [name]))
  const nodes = [...fit, ...others].slice(0, 9)
  const named = nodes.map((name, i) => `${i + 1} ${name}${fit.includes(name) ? '' : ' (not eligible)'}`)
  return { asks: 'target', text: `Transfer to? ${named.join(' · ')} · Esc no`, nodes }
}

function answer(shows: Screen['shows'], question: Question, key: string): Pressed {
  const screen = { shows }
  if (question.asks === 'confirm') {
    return key === 'y' || key === 'Y'
      ? { screen: { shows, message: '…' }, order: question.order }
      : { screen: { shows, message: 'nothing was changed' } }
  }
  const to = isEnter(key) ? question.nodes[0] : question.nodes[Number(key) - 1]
  if (to === undefined) return { screen: { ...screen, message: 'nothing was changed' } }
  return { screen: { shows, question: confirm(`Transfer sequencing to ${to}?`, { act: 'switchover', input: { to } }) } }
}

const confirm = (text: string, order: Order): Question => ({ asks: 'confirm', text: `${text} y yes · Esc no`, order })
