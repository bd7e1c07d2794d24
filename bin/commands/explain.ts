import { defineCommand } from 'citty'
import { exitOfChain } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton explain`: what Baton would do now, and why not something else. */
export const explain = defineCommand({
  meta: { name: 'explain', description: 'Explain what Baton would do now, and why nothing else; change nothing' },
  args: globals,
  async run({ args }) {
    const { withChain } = await import('../connect.ts')
    const { inspectChain: look } = await import('../../lib/context/inspect.ts')
    const { paintFor } = await import('../../lib/terminal/paint.ts')
    const { renderExplanation } = await import('../../lib/terminal/render-explanation.ts')
    const { doThis } = await import('../../lib/text/do-this.ts')
    const { write } = await import('../output.ts')
    const snapshot = await withChain(args, look)
    write(args, 'explain', { ...snapshot.decision, doThis: doThis(snapshot) }, () =>
      renderExplanation(snapshot, paintFor(process.stdout), process.stdout.columns),
    )
    return exitOfChain(snapshot)
  },
})
