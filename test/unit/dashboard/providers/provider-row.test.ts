import { describe, expect, it } from 'vitest'
import {
  createParams,
  emptyForm,
  formOf,
  losesKey,
  type ProviderRow,
  updateParams,
} from '../../../../src/dashboard/pages/providers/provider-row.ts'

const ROW: ProviderRow = {
  id: 'prv_1',
  name: 'mine',
  provider_type: 'openai_compat',
  api_base: 'https://a.example',
  enabled: true,
  allow_private_network: false,
  api_key: '***',
}

describe('what is sent of a provider’s form', () => {
  it('is nothing when nothing was changed: above all not the mask of the key', () => {
    expect(updateParams(ROW, formOf(ROW))).toBeNull()
    expect(formOf(ROW).key).toBe('')
  })

  it('is what was changed', () => {
    const form = { ...formOf(ROW), address: ' https://b.example ', key: 'k' }
    expect(updateParams(ROW, form)).toEqual({
      id: 'prv_1',
      api_base: 'https://b.example',
      api_key: 'k',
    })
  })

  it('takes back an address, and the key when that is asked for', () => {
    expect(updateParams(ROW, { ...formOf(ROW), address: '' })).toMatchObject({ api_base: null })
    expect(updateParams(ROW, { ...formOf(ROW), forgetsKey: true })).toEqual({
      id: 'prv_1',
      api_key: '',
    })
  })

  it('leaves out what was not said of a new one', () => {
    expect(createParams({ ...emptyForm('openai'), name: ' x ' })).toEqual({ name: 'x' })
  })

  it('warns that another address erases the key', () => {
    expect(losesKey(ROW, { ...formOf(ROW), address: 'https://b.example' })).toBe(true)
    expect(losesKey(ROW, { ...formOf(ROW), address: 'https://b.example', key: 'k' })).toBe(false)
    expect(losesKey({ ...ROW, api_key: '' }, { ...formOf(ROW), address: '' })).toBe(false)
  })
})
