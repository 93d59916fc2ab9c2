/** Rows of the security matrix for run hooks and custom tools. */
import {
  newCustomTool,
  newHook,
  nothing,
  type Row,
  scratchCustomTool,
  scratchHook,
} from './scratch.ts'

const hook: Row = { names: 'row', params: ({ north }) => ({ id: north.hookId }) }
const customTool: Row = { names: 'row', params: ({ north }) => ({ id: north.customToolId }) }

export const HOOK_ROWS: Readonly<Record<string, Row>> = {
  'hooks.list': nothing,
  'hooks.get': hook,
  'hooks.create': { names: 'nothing', params: newHook },
  'hooks.update': {
    ...hook,
    own: async (world) => ({ ...(await scratchHook(world)), enabled: false }),
  },
  'hooks.delete': { ...hook, own: scratchHook },
  'hooks.test': { ...hook, allowed: 'UNAVAILABLE' },
  'tools.custom.list': nothing,
  'tools.custom.get': customTool,
  'tools.custom.create': { names: 'nothing', params: newCustomTool },
  'tools.custom.update': {
    ...customTool,
    own: async (world) => ({ ...(await scratchCustomTool(world)), enabled: false }),
  },
  'tools.custom.delete': { ...customTool, own: scratchCustomTool },
  // Made, and come to nothing: no address can be checked here.
  'tools.custom.test': customTool,
}
