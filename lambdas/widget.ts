import * as v from 'valibot'
import { inspectChain } from '../lib/context/inspect.ts'
import { listCommits } from '../lib/context/list-commits.ts'
import { BatonError } from '../lib/errors.ts'
import { patientChains } from '../lib/lambda/chains.ts'
import { readVariable } from '../lib/lambda/environment.ts'
import { renderWidgetControls } from '../lib/lambda/widget/controls.ts'
import { description } from '../lib/lambda/widget/describe.ts'
import { renderPage } from '../lib/lambda/widget/render-page.ts'
import { renderTrouble } from '../lib/lambda/widget/trouble.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { chainId, choice, widgetContext } from '../lib/operations/engine/inputs.ts'

const { chains, log, approvals } = patientChains()
const actFunctionArn = readVariable('BATON_ACT_FUNCTION_ARN')

const input = v.object({
  describe: choice,
  chain: v.optional(chainId),
  buttons: v.optional(choice, true),
  widgetContext: v.optional(widgetContext, {}),
})

/** The CloudWatch custom widget: renders the page of a chain at each refresh, from two samples of its own. */
export const handler = wrap(
  input,
  async ({ describe, chain = chains.ids[0] ?? '', buttons, widgetContext: { theme } }) => {
    if (describe) return description
    try {
      const ports = await chains.ports(chain)
      const snapshot = await inspectChain(ports, { history: 100 })
      // The page is worth drawing without them.
      const commits = await listCommits(ports, snapshot).catch((error: unknown) => {
        log.warn('the commits cannot be listed', { chain, error })
        return undefined
      })
      const controls = buttons ? renderWidgetControls(snapshot, actFunctionArn, approvals) : undefined
      return renderPage(snapshot, { theme, controls, commits })
    } catch (error) {
      if (!(error instanceof BatonError)) throw error
      log.error('the page cannot be drawn', { chain, error })
      return renderTrouble(error)
    }
  },
)
