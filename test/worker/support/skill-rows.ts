/** Rows of the operations on skills. */
import { newMcpServer, nothing, type Params, type Row } from './scratch.ts'
import type { World } from './world.ts'

const skill: Row = { names: 'row', params: ({ north }) => ({ name: north.skillId }) }
const grant: Row = {
  names: 'row',
  params: ({ north }) => ({ name: north.skillId, agent_id: north.agentKey }),
}

const newSkill = (world: World) => {
  const { name } = newMcpServer(world)
  return { skill_md: `---\nname: ${name}\ndescription: Does it.\n---\nDo it.` }
}

async function scratchSkill(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('skills.create', newSkill(world))
  return { name: id }
}

async function scratchGrant(world: World): Promise<Params> {
  const granted = { ...(await scratchSkill(world)), agent_id: world.north.agentKey }
  await (await world.socketOf(world.alice.admin)).ask('skills.grant', granted)
  return granted
}

export const SKILL_ROWS: Readonly<Record<string, Row>> = {
  'skills.list': nothing,
  'skills.get': skill,
  'skills.create': { names: 'nothing', params: newSkill },
  'skills.update': {
    ...skill,
    params: ({ north }) => ({ name: north.skillId, enabled: true }),
    own: async (world) => ({ ...(await scratchSkill(world)), enabled: false }),
  },
  'skills.delete': { ...skill, own: scratchSkill },
  'skills.versions': skill,
  'skills.restore': { ...skill, params: ({ north }) => ({ name: north.skillId, version: 1 }) },
  'skills.grant': grant,
  'skills.revoke': { ...grant, own: scratchGrant },
}
