/** The model vendor that all subjects of a run call. */
import { startFastOpenai } from '../../support/vendors/fast-openai.ts'
import { announce } from './settings.ts'

const vendor = await startFastOpenai()
announce({ url: vendor.url }, () => vendor.close())
