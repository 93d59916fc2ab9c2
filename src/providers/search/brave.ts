/** Brave Search API, `GET /res/v1/web/search`. */
import { z } from 'zod'
import { resultsOf, type SearchEngine } from './engine.ts'

const answerSchema = z.object({
  web: z
    .object({
      results: resultsOf(
        z.object({ title: z.string(), url: z.string(), description: z.string().nullish() }),
      ),
    })
    .nullish(),
})

export const brave: SearchEngine = {
  address: { url: 'https://api.search.brave.com/res/v1', path: '/res/v1' },
  needsKey: true,
  request: (base, { text, count }, apiKey) => ({
    url: `${base}/web/search?${new URLSearchParams({ q: text, count: String(count) })}`,
    method: 'GET',
    headers: { accept: 'application/json', 'x-subscription-token': apiKey ?? '' },
  }),
  // Without a match there is no `web` at all.
  parse: (answer) =>
    (answerSchema.parse(answer).web?.results ?? []).map(({ title, url, description }) => ({
      title,
      url,
      snippet: description ?? '',
    })),
}
