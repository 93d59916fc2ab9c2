import { importJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  generateRunnerKey,
  importRunnerKey,
  publicRunnerKey,
  signJob,
} from '../../../src/crypto/job-token.ts'
import { jobClaimsSchema } from '../../../src/isolation/contract.ts'

const JOB = {
  audience: 'runner-1',
  method: 'POST',
  path: '/v1/exec?from=3',
  tenant: 'ten_a',
  session: 'agent:main:ws:direct:1',
  exec: 'exec-1',
  bodySha256: 'a'.repeat(64),
}

describe('job tokens', () => {
  it('bind runner, request, exec and body for less than a minute', async () => {
    const { privateJwk, publicJwk } = await generateRunnerKey()
    const key = await importRunnerKey(JSON.stringify(privateJwk))
    const now = Date.UTC(2026, 0, 1)
    const token = await signJob(key, JOB, now)
    const verified = await jwtVerify(token, await importJWK(publicJwk, 'EdDSA'), {
      audience: 'runner-1',
      currentDate: new Date(now),
    })
    expect(verified.protectedHeader).toMatchObject({ alg: 'EdDSA', kid: publicJwk.kid })
    const claims = jobClaimsSchema.parse(verified.payload)
    expect(claims).toMatchObject({ htm: 'POST', htu: JOB.path, tenant: 'ten_a', exec: 'exec-1' })
    expect(claims.exp - claims.iat).toBeLessThan(60)
    const other = jobClaimsSchema.parse(
      JSON.parse(
        Buffer.from((await signJob(key, JOB, now)).split('.')[1] ?? '', 'base64url').toString(),
      ),
    )
    expect(other.jti).not.toBe(claims.jti)
  })

  it('give the runners a public key without the private half', async () => {
    const { privateJwk, publicJwk } = await generateRunnerKey()
    expect(Object.keys(publicJwk)).not.toContain('d')
    expect(await publicRunnerKey(JSON.stringify(privateJwk))).toEqual(publicJwk)
    expect(publicJwk.kid).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('are signed with a key given as PKCS #8 too', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    const key = await importRunnerKey(String(pem))
    const publicJwk = await publicRunnerKey(String(pem))
    expect(publicJwk.kid).toBe(key.kid)
    await jwtVerify(await signJob(key, JOB, Date.now()), await importJWK(publicJwk, 'EdDSA'))
  })

  it.each([
    '',
    'x',
    '{}',
    '{"kty":"OKP"}',
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
  ])('reject the key %j without repeating it', async (text) => {
    await expect(importRunnerKey(text)).rejects.toThrow(/^the runner key must be an Ed25519/)
  })

  it('reject a public key as signing key', async () => {
    const { publicJwk } = await generateRunnerKey()
    await expect(importRunnerKey(JSON.stringify(publicJwk))).rejects.toThrow('private key')
  })
})
