import type { Drill } from '../drill.ts'

export const e6: Drill = {
  id: 'E6',
  name: 'expired-certificate',
  outage: {
    date: 'no public one found',
    chain: 'any',
    lasted: '–',
    happened: 'Made up: the certificate or token of the admin endpoints expires.',
    source: 'https://github.com/ethereum-optimism/infra/blob/main/op-ufm/example.config.toml',
  },
  given: 'ada leads and commits',
  when: 'its endpoints reject our credentials',
  must: 'the verdict is a credential, not a dead node; a leader that commits stays',
  beyond: 'a ticket a week before: certificates are watched where they are issued',
  async play(stage, check) {
    await stage.begin()
    stage.node('ada').denyCredentials()
    check('Baton reports a credential', await stage.within(12, () => stage.reported('credential', 'ada')))
    check('the chain continues', await stage.blocks(8, 12))
    check(
      'and not a dead node',
      !stage.reported('consensus-refused', 'ada') && !stage.reported('consensus-silent', 'ada'),
    )
    const granted = await stage.granted()
    check('no node was granted', granted.length === 0, granted)
    stage.node('ada').denyCredentials(false)
    await stage.slots(3)
    check('repaired, it leads as before', (await stage.head())?.leader === 'ada')
  },
}
