/** What a server may cost. Each is generous for a friend and small for an enemy. */

/** Of one answer, decompressed: a list of a thousand tools, or a long document. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024
/** Of one connection: streams that stay open, and lists in pages. */
export const MAX_CONNECTION_BYTES = 32 * 1024 * 1024
/** Requests of one connection, those to which a server's own messages lead included. */
export const MAX_CONNECTION_REQUESTS = 500
/** Of brackets in an answer; parsers and readers recurse. */
export const MAX_DEPTH = 64
export const CONNECT_MS = 15_000
export const LIST_MS = 20_000
export const CLOSE_MS = 2_000
/** What is read of a list: then it is long enough, whatever the server still holds. */
export const MAX_LIST_PAGES = 20
export const MAX_LISTED = 1_000

export const MAX_TOOL_NAME_CHARS = 128
/** The strictest of the model vendors. */
export const MAX_OFFERED_NAME_CHARS = 64
export const MAX_DESCRIPTION_CHARS = 1_000
export const MAX_SCHEMA_CHARS = 16_000
/** Of all tools of one server as they are pinned: they stand in the tenant's snapshot. */
export const MAX_PINNED_CHARS = 300_000
/** Places of a schema with its references written out; beyond, checking it could take for ever. */
export const MAX_SCHEMA_NODES = 5_000
/** Places of the arguments times places of the schema. */
export const MAX_CHECK_STEPS = 2_000_000
export const MAX_ARGUMENT_CHARS = 256 * 1024

/** Of a result in characters; a longer one is cut before it is looked over. */
export const MAX_RESULT_CHARS = 512 * 1024
