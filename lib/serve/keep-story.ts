import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChainPorts } from '../context/ports.ts'
import type { Log } from '../log.ts'
import { DAY_MS } from '../page/story/story.ts'
import type { HistoryRecord } from '../protocol/records.ts'
import type { StoryRecorder } from './story-recorder.ts'

const SAVE_MS = 60_000
/** Records read at once, and how often at most. */
const PAGE = 200
const MOST_PAGES = 5

/**
 * Continues the story that an earlier process saved in this folder, and saves it every minute and at the end. A story
 * that cannot be read or saved is logged once and stops nothing: the page's timeline then begins with this process.
 */
export async function keepStory(story: StoryRecorder, folder: string, log: Log): Promise<{ close(): Promise<void> }> {
  const path = join(folder, 'story.json')
  const saved = await readFile(path, 'utf8').catch(() => undefined)
  if (saved !== undefined && !story.load(saved))
    log.warn("the page's timeline begins now: what was saved is damaged", { path })

  let failed = false
  const save = async () => {
    try {
      await mkdir(folder, { recursive: true })
      await writeFile(`${path}.new`, story.save())
      await rename(`${path}.new`, path)
      failed = false
    } catch (error) {
      if (!failed) log.warn("the page's timeline was not saved", { path, error: String(error) })
      failed = true
    }
  }
  const timer = setInterval(save, SAVE_MS)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await save()
    },
  }
}

/** Reads the history of the last day, newest first, up to a bound. */
export async function recallHistory(
  { chain, history }: Pick<ChainPorts, 'chain' | 'history'>,
  now: number,
): Promise<readonly HistoryRecord[]> {
  const found: HistoryRecord[] = []
  for (let page = 0; page < MOST_PAGES; page++) {
    const before = found.at(-1)?.id
    const records = await history.list(chain.id, { limit: PAGE, ...(before !== undefined && { before }) })
    found.push(...records)
    const oldest = records.at(-1)
    if (records.length < PAGE || !oldest || oldest.at < now - DAY_MS) break
  }
  return found
}
