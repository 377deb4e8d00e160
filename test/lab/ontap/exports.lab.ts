/** Volumes of a simulated array as a kernel's NFS exports, seen from a host: here the same machine. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LabOntap, MANAGEMENT, PASSWORD, SVM, startOntap, USER } from '../support/ontap.ts'
import { labSuite } from '../support/suite.ts'

const MIB = 1024 * 1024
const AT = '/mnt/volume'
const VERSIONS = ['vers=3,nolock', 'vers=4.1']

labSuite('a simulated ONTAP with a data plane', (machine) => {
  let lab: LabOntap

  async function create(name: string, size: number, more: object = {}): Promise<string> {
    const where = { svm: { name: SVM }, aggregates: [{ name: 'aggr1' }], nas: { path: `/${name}` } }
    await lab.rest('post', '/storage/volumes', { name, size, ...where, ...more })
    return uuidOf(name)
  }

  async function uuidOf(name: string): Promise<string> {
    return (await lab.record<{ readonly uuid: string }>('/storage/volumes', { name })).uuid
  }

  /** Runs a script of bash that finds a path of the server at $PWD. @returns what it printed */
  async function at(path: string, script: string, options = 'vers=4.1'): Promise<string> {
    return machine.sh(`
      mkdir -p ${AT}
      timeout 30 mount -t nfs -o ${options} 127.0.0.1:${path} ${AT}
      trap 'cd /; umount --recursive ${AT}' EXIT
      cd ${AT}
      ${script}
    `)
  }

  const refusal = async (path: string, options: string) => {
    const { exitCode, stderr } = await machine.try(`timeout 30 mount -t nfs -o ${options} 127.0.0.1:${path} ${AT}`)
    assert.notEqual(exitCode, 0)
    return stderr
  }

  test('a volume is there for every version of NFS, with its mode, its owner and its room', async () => {
    lab = await startOntap(machine)
    await create('first', 50 * MIB, { nas: { path: '/first', unix_permissions: 1777, uid: 1000, gid: 1001 } })
    const versions = [...VERSIONS, 'vers=4.0']
    for (const version of versions) {
      assert.equal(await at('/first', 'stat --format="%a %u %g" .', version), '1777 1000 1001')
      await at('/first', `echo ${version} >>note`, version)
    }
    assert.equal(await at('/first', 'cat note'), versions.join('\n'))
    const free = Number(await at('/first', 'df --output=avail -B1 . | tail -1'))
    assert.equal(free, (50 * MIB * 95) / 100, 'the snapshot reserve aside')
  })

  test('the smallest volume is as large as it says, and larger as soon as the array says so', async () => {
    const uuid = await create('small', 20 * MIB)
    const fill = 'dd if=/dev/zero of=data bs=1M count=30 conv=fsync 2>&1 || true; stat --format=%b data'
    const said = await at('/small', fill)
    assert.match(said, /No space left on device/)
    const held = Number(said.split('\n').at(-1)) * 512
    assert.ok(held > 18 * MIB && held < 22 * MIB, `${held} bytes went in`)
    await lab.rest('patch', `/storage/volumes/${uuid}`, { size: 40 * MIB })
    assert.doesNotMatch(await at('/small', fill), /No space left/)
  })

  test('the rules of a policy decide who may mount and who may write', async () => {
    const policy = (name: string, rule: object) =>
      lab.rest('post', '/protocols/nfs/export-policies', { name, svm: { name: SVM }, rules: [rule] })
    const all = { rw_rule: ['any'], ro_rule: ['any'], superuser: ['any'] }
    await policy('others', { ...all, clients: [{ match: '10.9.9.9' }] })
    await policy('readers', { ...all, clients: [{ match: '127.0.0.1' }], rw_rule: ['never'] })
    await policy('nobody', { ...all, clients: [{ match: '127.0.0.0/8' }], superuser: ['none'] })
    for (const name of ['others', 'readers', 'nobody']) {
      await create(name, 20 * MIB, { nas: { path: `/${name}`, export_policy: { name }, unix_permissions: 777 } })
    }
    assert.match(await refusal('/others', 'vers=3,nolock'), /access denied by server/)
    assert.match(
      await refusal('/others', 'vers=4.1'),
      /No such file or directory/,
      'where an array says: access denied',
    )
    assert.match(await at('/readers', 'touch x 2>&1 || true'), /Read-only file system/)
    assert.equal(await at('/nobody', 'touch x; stat --format=%u x'), '65534')
    const { id } = await lab.record<{ readonly id: number }>('/protocols/nfs/export-policies', { name: 'others' })
    await lab.rest('post', `/protocols/nfs/export-policies/${id}/rules`, { ...all, clients: [{ match: '127.0.0.1' }] })
    await at('/others', 'touch x')
  })

  test('a snapshot shows in .snapshot as it was, read-only, as long as the volume shows them', async () => {
    const uuid = await create('shown', 50 * MIB, { snapshot_directory_access_enabled: true })
    await at('/shown', 'echo monday >day')
    await lab.rest('post', `/storage/volumes/${uuid}/snapshots`, { name: 'monday' })
    for (const version of VERSIONS) {
      await at('/shown', 'echo tuesday >day', version)
      assert.equal(await at('/shown', 'ls -A; cat .snapshot/monday/day', version), '.snapshot\nday\nmonday')
      assert.match(await at('/shown', 'touch .snapshot/monday/x 2>&1 || true', version), /Read-only file system/)
    }
    await lab.rest('patch', `/storage/volumes/${uuid}`, { snapshot_directory_access_enabled: false })
    assert.equal(await at('/shown', 'ls -A'), 'day')
  })

  test('a clone holds at once what its source held, and each goes its own way; restoring brings it back', async () => {
    const uuid = await uuidOf('shown')
    const clone = { parent_volume: { name: 'shown' }, is_flexclone: true }
    const whole = { svm: { name: SVM }, clone }
    await lab.rest('post', '/storage/volumes', { ...whole, name: 'now', nas: { path: '/now' } })
    const before = { ...clone, parent_snapshot: { name: 'monday' } }
    await lab.rest('post', '/storage/volumes', { ...whole, clone: before, name: 'then', nas: { path: '/then' } })
    assert.equal(await at('/now', 'cat day; echo clone >day'), 'tuesday')
    assert.equal(await at('/then', 'cat day'), 'monday')
    assert.equal(await at('/shown', 'cat day'), 'tuesday')
    await lab.rest('delete', `/storage/volumes/${await uuidOf('now')}`)
    await lab.simulator('clock-advance', { ms: 13 * 3600_000 })
    await lab.rest('patch', `/storage/volumes/${uuid}?restore_to.snapshot.name=monday`, {})
    assert.equal(await at('/shown', 'cat day'), 'monday')
  })

  test('a qtree is a directory with a mode; its limit counts once quotas are on, and only for it', async () => {
    const uuid = await create('pool', 100 * MIB)
    const volume = { svm: { name: SVM }, volume: { name: 'pool' } }
    for (const name of ['limited', 'free']) {
      await lab.rest('post', '/storage/qtrees', { ...volume, name, unix_permissions: 777, security_style: 'unix' })
    }
    const rule = { type: 'tree', qtree: { name: 'limited' }, space: { hard_limit: 10 * MIB } }
    // Where quotas are off, an array makes the rule and says with an error that it does not count yet.
    await assert.rejects(lab.rest('post', '/storage/quota/rules', { ...volume, ...rule }), /created successfully/)
    const fill = 'stat --format=%a .; dd if=/dev/zero of=data bs=1M count=20 conv=fsync 2>&1 || true; rm data'
    assert.doesNotMatch(await at('/pool/limited', fill), /No space left/)
    await lab.rest('patch', `/storage/volumes/${uuid}`, { quota: { enabled: true } })
    await machine.until(
      'the limit shows',
      `
      timeout 30 mount -t nfs -o vers=4.1 127.0.0.1:/pool/limited ${AT}
      size=$(df --output=size -B1 ${AT} | tail -1)
      umount ${AT}
      [ "$size" -eq ${10 * MIB} ]
    `,
    )
    for (const version of VERSIONS) assert.match(await at('/pool/limited', fill, version), /^777\n.*No space left/s)
    assert.doesNotMatch(await at('/pool/free', fill), /No space left/)
  })

  test('a qtree with rules of its own keeps its files when it gets those of its volume, or is removed', async () => {
    const of = { 'volume.name': 'pool', name: 'free' }
    const { id, volume } = await lab.record<{ readonly id: number; readonly volume: { readonly uuid: string } }>(
      '/storage/qtrees',
      of,
    )
    const qtree = `/storage/qtrees/${volume.uuid}/${id}`
    await at('/pool/free', 'rm -f data; echo kept >note')
    await lab.rest('patch', qtree, { export_policy: { name: 'readers' } })
    assert.match(await at('/pool/free', 'cat note; touch x 2>&1 || true'), /^kept\n.*Read-only file system/)
    await lab.rest('patch', qtree, { export_policy: { name: 'default' } })
    assert.equal(await at('/pool/free', 'touch x; cat note; rm *'), 'kept')
    await lab.rest('patch', qtree, { export_policy: { name: 'readers' } })
    await lab.rest('patch', qtree, { export_policy: { name: 'default' } })
    assert.equal(await at('/pool', 'ls'), 'free\nlimited')
    await lab.rest('patch', qtree, { export_policy: { name: 'readers' } })
    await lab.rest('delete', qtree)
    assert.equal(await at('/pool', 'ls'), 'limited')
  })

  test('a server that stops is waited for, and no write is lost', async () => {
    await machine.sh(`mkdir -p ${AT}; mount -t nfs -o vers=4.1 127.0.0.1:/first ${AT}`)
    const writing = machine.sh(`i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo $i >>${AT}/lines; sync ${AT}/lines; done`)
    await machine.until('it writes', `test -s ${AT}/lines`)
    await lab.simulator('nfs', { enabled: false })
    assert.match(
      await machine.sh('cat /proc/net/rpc/nfsd 2>/dev/null | grep ^th || true; ss -Hltn "sport = :2049"'),
      /^(th 0.*)?$/,
    )
    await lab.simulator('nfs', { enabled: true })
    await writing
    assert.equal(await machine.sh(`awk '$1 != NR { exit 1 } END { print NR }' ${AT}/lines`), '40')
    await machine.sh(`umount ${AT}`)
  })

  test('an array that was killed comes back with every volume, and clients go on', async () => {
    await machine.sh(`mount -t nfs -o vers=4.1 127.0.0.1:/first ${AT}; echo kept >${AT}/kept; sync ${AT}/kept`)
    await machine.sh(`systemctl kill --signal=KILL ${lab.array.unit}`)
    await machine.until('it is dead', `! systemctl is-active --quiet ${lab.array.unit}`)
    await lab.array.start()
    assert.equal(await machine.sh(`cat ${AT}/kept; echo more >>${AT}/kept; cat ${AT}/kept`), 'kept\nkept\nmore')
    await machine.sh(`umount ${AT}`)
    assert.equal(await at('/shown', 'cat day'), 'monday')
  })

  test('the machine’s own mounts, exports and settings never show that an array is simulated', async () => {
    assert.equal(await machine.sh('findmnt --noheadings --output TARGET | grep -E "/srv/array/.|nfsd" || true'), '')
    assert.equal(await machine.sh('cat /var/lib/nfs/etab; grep -v "^#" /etc/exports || true'), '')
  })

  test('an array that ends takes server and devices with it, and leaves the bytes', async () => {
    await lab.array.stop()
    assert.equal(await machine.sh('losetup --list --noheadings; pgrep -a rpc.mountd || true'), '')
    assert.equal(await machine.sh('ss -Hltn "sport = :2049"'), '')
    assert.notEqual(await machine.sh(`ls ${lab.array.directory}/data/images | wc -l`), '0')
    assert.equal(await machine.sh(`ls ${lab.array.directory}/data`), 'images\nserver')
  })

  test('a machine whose own NFS server is at work is told, and left alone', async () => {
    await machine.sh('systemctl start nfs-server')
    const command = `netappdvp simulate ontap --listen=${MANAGEMENT} --user=${USER} --data-plane=/srv/array/second`
    const { exitCode, stderr } = await machine.try(`NETAPPDVP_SIMULATOR_PASSWORD='${PASSWORD}' ${command}`)
    assert.notEqual(exitCode, 0)
    assert.match(stderr, /The NFS server of this machine is at work .*Stop it: "systemctl stop nfs-server"/)
    assert.notEqual(await machine.sh('ss -Hltn "sport = :2049"'), '')
  })
})
