import type { ChainPorts } from '../../context/ports.ts'
import { StoreUnavailableError } from '../../store/errors.ts'
import type { Report } from '../engine/procedure.ts'
import { type DisasterAct, disasterActs } from './acts.ts'
import { unsafeHeads } from './ask.ts'
import { leaveToOpConductor } from './leave.ts'
import { overrideLeader } from './override.ts'
import { placeHead } from './place-head.ts'
import { returnFromOverride } from './return.ts'
import { surveyChain } from './survey.ts'
import { formatCandidate, formatRecords, formatSurvey } from './text.ts'

/** The state of the chain with the vote, and what an act would do. Changes nothing. */
export async function planDisaster(ports: ChainPorts, act?: DisasterAct['act']): Promise<Report> {
  const would = act === undefined ? '' : disasterActs[act].would
  const plan = would ? `\nwould ${would}` : ''
  try {
    const survey = await surveyChain(ports)
    const { view: _, ...shown } = survey
    return { value: { ...shown, would }, text: `${formatSurvey(survey)}${plan}` }
  } catch (error) {
    // An override is for lost records: only the nodes' own heads can confirm it.
    if (act !== 'override' || !(error instanceof StoreUnavailableError)) throw error
    const heads = await unsafeHeads(ports)
    const words = heads.map(({ node, block }) => `${node}: ${block ? `block ${block.number} ${block.hash}` : 'silent'}`)
    const lost = `the records cannot be read: ${error.message}`
    return { value: { heads, would }, text: `${[lost, ...words].join('\n')}${plan}` }
  }
}

/**
 * Carries an act out. A wrong hash is refused and changes nothing.
 *
 * @throws RefusedActError | UnfinishedActError
 */
export async function carryOut(ports: ChainPorts, asked: DisasterAct, by: string): Promise<Report> {
  const { hash } = asked
  switch (asked.act) {
    case 're-seed':
    case 'cold-start': {
      const to = asked.act === 'cold-start' ? { to: asked.node } : {}
      const placed = await placeHead(ports, { hash, by, againstVote: asked.againstVote, ...to })
      return { value: placed, text: `the head is ${formatCandidate(placed, ports.nodes.length)}` }
    }
    case 'override': {
      const { node } = asked
      const records = await overrideLeader(ports, { node, hash, by, againstVote: asked.againstVote })
      const left = formatRecords(records)
      const words = `${node} publishes without commits; ${left}. The way back: "return", with the hash of the committed head`
      return { value: { node, ...records }, text: words }
    }
    case 'return': {
      const { node } = asked
      const came = await returnFromOverride(ports, { node, hash, by })
      const rest = came.restarted
        ? 'its op-node was restarted'
        : `restart its op-node, then "baton quarantine ${node} --lift"`
      const { adopted, tip } = came
      return { value: came, text: `${adopted} blocks adopted, the head is ${tip.number} ${tip.hash}; ${rest}` }
    }
    case 'to-op-conductor': {
      const last = await leaveToOpConductor(ports, { hash, by })
      const next = `wire a node that has it to its op-conductor, then admin_startSequencer("${last.hash}") there`
      return { value: last, text: `handed over at block ${last.number}: ${next}` }
    }
  }
}
