import { defineCommand } from 'citty'
import { exitCodes } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton drill`: plays public outages on simulated chains of this process. */
export const drill = defineCommand({
  meta: {
    name: 'drill',
    description: 'Play a public outage on a simulated chain: what happened then, what Baton does',
  },
  args: {
    name: { type: 'positional', required: false, description: 'a drill by name or id; without one they are listed' },
    all: { type: 'boolean', description: 'play every one, several at once, and print the table' },
    'at-once': { type: 'string', valueHint: 'n', default: '6', description: 'how many at once with --all' },
    json: globals.json,
    'no-color': globals['no-color'],
  },
  async run({ args }) {
    const { UsageError } = await import('../errors.ts')
    const { didYouMean } = await import('../../lib/suggest.ts')
    const { write } = await import('../output.ts')
    const { outages } = await import('../../lib/simulator/drills/outages.ts')
    const { play, playAll } = await import('../../lib/simulator/drills/play.ts')
    const { renderDrill, renderDrillList, renderDrills } = await import('../../lib/simulator/drills/render.ts')
    const { paintFor } = await import('../../lib/terminal/paint.ts')
    const { name, all, json } = args
    const { stdout } = process
    if (all) {
      const atOnce = Number(args['at-once'])
      if (!Number.isInteger(atOnce) || atOnce < 1 || atOnce > 40) {
        throw new UsageError(`--at-once ${args['at-once']} is not valid`, 'Write an integer from 1 to 40.')
      }
      const played = await playAll(outages, { atOnce })
      write({ json }, 'drill', { played }, () => renderDrills(outages, played, stdout.columns))
      return exitOf(played)
    }
    if (name === undefined) {
      const listed = outages.map(({ play: _, stage: __, ...facts }) => facts)
      write({ json }, 'drills', { drills: listed }, () => renderDrillList(outages, stdout.columns))
      return exitCodes.ok.code
    }
    const found = outages.find((each) => each.name === name || each.id.toLowerCase() === name.toLowerCase())
    if (!found) {
      const meant = didYouMean(
        name,
        outages.map(({ name }) => name),
      )
      throw new UsageError(`there is no drill "${name}"`, `${meant}"baton drill" lists them.`)
    }
    const played = await play(found)
    write({ json }, 'drill', { played: [played] }, () => renderDrill(found, played, paintFor(stdout), stdout.columns))
    return exitOf([played])
  },
})

function exitOf(played: readonly { readonly passed: boolean }[]): number {
  return played.every(({ passed }) => passed) ? exitCodes.ok.code : exitCodes.failed.code
}
