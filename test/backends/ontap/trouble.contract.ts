/** What goes wrong between here and the array, as both dialects have to bear it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Secret } from '../../../src/secret.ts'
import { context, rememberingLog } from '../../host/fakes.ts'
import { newVolume, open, type Subject, scene } from './contract-scene.ts'

export function troubleContract(subject: Subject): void {
  const name = `${subject.dialect} with ONTAP ${subject.release}`
  const { create, find, remove, change } = subject.operations

  test(`${name}: work that takes long is waited for, and can then be seen`, async (t) => {
    const { ontap, ctx } = await scene(t, subject, { jobMs: 700 })
    const volume = await ontap.volumes.create(ctx, newVolume('v1'))
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.uuid, volume.uuid)
    await ontap.volumes.change(ctx, volume, { comment: 'another' })
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.comment, 'another')
    await ontap.volumes.remove(ctx, volume, { purge: true })
    assert.equal(await ontap.volumes.find(ctx, 'v1'), undefined)
  })

  test(`${name}: a create whose answer is lost is not made again: it may have been done`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    for (const [kind, volume] of [
      ['lost', 'v1'],
      ['half', 'v2'],
    ] as const) {
      array.resetCounts()
      array.addFault(`${kind}:${create}:1`)
      await assert.rejects(ontap.volumes.create(ctx, newVolume(volume)), {
        code: 'UNREACHABLE',
        message: /may have done it all the same/,
      })
      assert.equal(array.counts()[create], 1)
      assert.equal((await ontap.volumes.find(ctx, volume))?.comment, `a mark of ${volume}`)
    }
  })

  test(`${name}: reads, changes and removals whose answers are lost are made again`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const volume = await ontap.volumes.create(ctx, newVolume('v1'))
    array.addFault(`lost:${find}:2`)
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.uuid, volume.uuid)
    array.addFault(`lost:${change}:1`)
    await ontap.volumes.change(ctx, volume, { comment: 'another' })
    assert.equal((await ontap.volumes.find(ctx, 'v1'))?.comment, 'another')
    array.addFault(`lost:${remove}:1`)
    await ontap.volumes.remove(ctx, volume, { purge: true })
    assert.equal(await ontap.volumes.find(ctx, 'v1'), undefined)
  })

  test(`${name}: an array that is not ready is asked again, for a create too`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    array.addFault(`503:${create}:2`)
    array.addFault(`503:${find}:2`)
    if (subject.busy !== undefined) array.addFault(`${subject.busy}:${create}:2`)
    await ontap.volumes.create(ctx, newVolume('v1'))
    assert.ok(await ontap.volumes.find(ctx, 'v1'))
  })

  test(`${name}: an array that stays busy has done nothing, and says so`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    array.addFault(`503:${create}`)
    await assert.rejects(ontap.volumes.create(ctx, newVolume('v1')), (error: Error & { code: string }) => {
      assert.ok(['BUSY', 'UNREACHABLE'].includes(error.code), error.message)
      assert.match(error.message, /503/)
      return true
    })
    assert.equal(
      array.array.volumes.all().some(({ name }) => name === 'v1'),
      false,
    )
  })

  test(`${name}: answers that are cut, empty, or a page are not believed`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    for (const kind of ['truncated', 'html', 'empty', 'null']) {
      array.clearFaults()
      array.addFault(`${kind}:${find}`)
      await assert.rejects(ontap.volumes.find(ctx, 'v1'), (error: Error & { code: string }) => {
        assert.ok(['MALFORMED', 'UNREACHABLE'].includes(error.code), `${kind}: ${error.message}`)
        assert.ok(error.message.includes(find), error.message)
        return true
      })
    }
  })

  test(`${name}: a right that the role lacks is named as an administrator grants it`, async (t) => {
    const { array } = await scene(t, subject)
    await array.addUser({ name: 'reader', password: 'reader-password', role: 'vsadmin-readonly' })
    const ontap = await open(t, subject, array, {
      credentials: { username: 'reader', password: new Secret('reader-password') },
    })
    assert.equal(await ontap.volumes.find(context(), 'v1'), undefined)
    await assert.rejects(ontap.volumes.create(context(), newVolume('v1')), {
      code: 'UNAUTHORIZED',
      message: subject.rightToCreate,
    })
  })

  test(`${name}: a password that is changed on the array is told, and shown nowhere`, async (t) => {
    const { log, lines } = rememberingLog()
    const { array, ontap } = await scene(t, subject, { password: 'p<&>"ü-of-contract' }, { log })
    await array.change(({ users }) => {
      for (const [index, user] of users.entries()) users[index] = { ...user, password: 'another' }
    })
    const error = await ontap.volumes.find(context(log), 'v1').catch((error: unknown) => error)
    assert.equal((error as { code: string }).code, 'UNAUTHORIZED')
    const shown = inspect([error, lines, ontap], { depth: 20, showHidden: true })
    assert.ok(!shown.includes('p<&>"ü-of-contract') && !shown.includes('-of-contract'))
  })

  test(`${name}: the array’s certificate changes: nothing more is sent`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const next = await array.newCertificate()
    array.resetCounts()
    array.addFault('reset:*:1')
    await assert.rejects(ontap.volumes.find(ctx, 'v1'), { code: 'CERTIFICATE_REFUSED', message: new RegExp(next) })
  })

  test(`${name}: an array that is gone is UNREACHABLE, and nothing was done`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    await array.close()
    await assert.rejects(ontap.volumes.find(ctx, 'v1'), { code: 'UNREACHABLE', message: /refused|broke/ })
  })

  test(`${name}: 64 volumes are made at once, none of them twice`, async (t) => {
    const { array, ontap, ctx } = await scene(t, subject)
    const names = Array.from({ length: 64 }, (_, index) => `v${index}`)
    const made = await Promise.all(names.map((name) => ontap.volumes.create(ctx, newVolume(name))))
    assert.equal(new Set(made.map(({ uuid }) => uuid)).size, 64)
    assert.equal((await ontap.volumes.withPrefix(ctx, 'v')).length, 64)
    assert.equal(array.counts()[create], 64)
  })
}
