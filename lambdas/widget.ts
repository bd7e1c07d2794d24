import * as v from 'valibot'
import { openChains } from '../lib/aws/chains.ts'
import { readEnvironment, readVariable } from '../lib/aws/environment.ts'
import { chainId, choice, widgetContext } from '../lib/aws/inputs.ts'
import { powertoolsLog } from '../lib/aws/log.ts'
import { parameterStore } from '../lib/aws/parameters.ts'
import { openStores, PATIENT } from '../lib/aws/stores.ts'
import { renderWidgetControls } from '../lib/aws/widget/controls.ts'
import { description } from '../lib/aws/widget/describe.ts'
import { renderPage } from '../lib/aws/widget/render-page.ts'
import { renderTrouble } from '../lib/aws/widget/trouble.ts'
import { wrap } from '../lib/aws/wrap.ts'
import { BatonError } from '../lib/errors.ts'
import { look } from '../lib/monitor/look.ts'

const environment = readEnvironment()
const actFunctionArn = readVariable('BATON_ACT_FUNCTION_ARN')
const log = powertoolsLog()
const chains = openChains(
  environment,
  openStores(environment, PATIENT),
  parameterStore(environment.region, PATIENT),
  log,
)

const input = v.object({
  describe: choice,
  chain: v.optional(chainId),
  buttons: v.optional(choice, true),
  widgetContext: v.optional(widgetContext, {}),
})

/** The CloudWatch custom widget: the page of a chain, drawn anew at each refresh, by two looks of its own. */
export const handler = wrap(
  input,
  async ({ describe, chain = chains.ids[0] ?? '', buttons, widgetContext: { theme } }) => {
    if (describe) return description
    try {
      const snapshot = await look(await chains.ports(chain), { history: 30 })
      const controls = buttons ? renderWidgetControls(snapshot, actFunctionArn) : undefined
      return renderPage(snapshot, { theme, controls })
    } catch (error) {
      if (!(error instanceof BatonError)) throw error
      log.error('the page cannot be drawn', { chain, error })
      return renderTrouble(error)
    }
  },
)
