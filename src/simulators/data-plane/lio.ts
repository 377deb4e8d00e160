/**
 * iSCSI targets of the Linux kernel (LIO), made by writing to configfs.
 *
 * A target has one portal group, one LUN and one device; many targets share a portal. Whoever knows the CHAP secret may
 * log in: access lists are made by the kernel at login ("demo mode"). For a host everything about the disk is as the
 * array has it, because the kernel builds page 83 of the disk's data of company ID and serial.
 *
 * @see drivers/target/target_core_spc.c, spc_gen_naa_6h_vendor_specific
 */

import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { linkObject, makeObject, namesIn, removeObject, setAttribute, unlinkObject } from './configfs.ts'
import { runProgram } from './program.ts'

export interface Target {
  readonly iqn: string
  /** Names the device within the kernel. */
  readonly name: string
  /** `/dev/loop3` */
  readonly device: string
  readonly vendor: string
  readonly product: string
  /** 32 hex digits beginning with 6, as page 83 is to tell them. */
  readonly naa: string
  /** Undefined: nobody is asked for a secret. */
  readonly chap: Chap | undefined
  readonly readOnly: boolean
}

export interface Chap {
  readonly user: string
  readonly secret: string
}

export interface Lio {
  /** `portal` is `ip:port`. */
  addTarget(target: Target, portal: string): Promise<void>
  /** Holds for the next login. */
  setChap(iqn: string, chap: Chap | undefined): Promise<void>
  /** Disabling ends the sessions at once. */
  setEnabled(iqn: string, enabled: boolean): Promise<void>
  /** Ends the sessions, and takes away whatever there is of the target and its device. */
  removeTarget(iqn: string, name: string): Promise<void>
  /** Names of all targets there are, others' too. */
  targets(): Promise<readonly string[]>
  /** Names of initiators that are logged in. */
  initiatorsOf(iqn: string): readonly string[]
  /** Gives back what all targets shared, unless somebody else has some left. */
  close(): Promise<void>
}

const CONFIGFS = '/sys/kernel/config'
const TARGET = join(CONFIGFS, 'target')
const ISCSI = join(TARGET, 'iscsi')

/** The kernel wants a number here; it is shared by all simulated arrays of a machine. */
const ADAPTER = join(TARGET, 'core/iblock_8443')

/** @throws Error when this kernel has no LIO, or we are not root */
export async function openLio(): Promise<Lio> {
  await ensureLio()
  return { addTarget, setChap, setEnabled, removeTarget, targets, initiatorsOf, close }
}

async function ensureLio(): Promise<void> {
  try {
    await runProgram('modprobe', ['--all', 'loop', 'target_core_mod', 'target_core_iblock', 'iscsi_target_mod'])
    if (!(await isThere(TARGET))) await runProgram('mount', ['-t', 'configfs', 'configfs', CONFIGFS])
    await makeObject(ISCSI)
    await makeObject(ADAPTER)
  } catch (error) {
    throw new Error(
      `Volumes cannot be made real here: ${(error as Error).message}. Run as root on a kernel with LIO (modules target_core_iblock and iscsi_target_mod), or leave the data plane away.`,
      { cause: error },
    )
  }
}

async function addTarget(target: Target, portal: string): Promise<void> {
  try {
    await makeDevice(target)
    const group = groupOf(target.iqn)
    await makeObject(join(ISCSI, target.iqn))
    await makeObject(group)
    const attributes = {
      authentication: 1,
      generate_node_acls: 1,
      cache_dynamic_acls: 1,
      demo_mode_write_protect: target.readOnly ? 1 : 0,
    }
    for (const [name, value] of Object.entries(attributes)) await setAttribute(join(group, 'attrib', name), value)
    await setChap(target.iqn, target.chap)
    await makeObject(join(group, 'lun/lun_0'))
    await linkObject(join(ADAPTER, target.name), join(group, 'lun/lun_0', target.name))
    await makeObject(join(group, 'np', portal))
  } catch (error) {
    await removeTarget(target.iqn, target.name).catch(() => {})
    throw error
  }
}

async function makeDevice({ name, device, vendor, product, naa }: Target): Promise<void> {
  const path = join(ADAPTER, name)
  await makeObject(path)
  await setAttribute(join(path, 'control'), `udev_path=${device}`)
  await setAttribute(join(path, 'enable'), 1)
  const wwn = {
    vendor_id: vendor,
    product_id: product,
    // Digits 2 to 7 of the NAA; the other 25 are taken from the serial.
    company_id: `0x${naa.slice(1, 7)}`,
    vpd_unit_serial: naa.slice(7),
  }
  for (const [attribute, value] of Object.entries(wwn)) await setAttribute(join(path, 'wwn', attribute), value)
  // Where the file below cannot give blocks back, the disk cannot either.
  await setAttribute(join(path, 'attrib/emulate_tpu'), 1).catch(() => {})
}

async function setChap(iqn: string, chap: Chap | undefined): Promise<void> {
  const group = groupOf(iqn)
  await setAttribute(join(group, 'attrib/authentication'), chap ? 1 : 0)
  if (!chap) return
  await setAttribute(join(group, 'auth/userid'), chap.user)
  await setAttribute(join(group, 'auth/password'), chap.secret)
}

async function setEnabled(iqn: string, enabled: boolean): Promise<void> {
  await setAttribute(join(groupOf(iqn), 'enable'), enabled ? 1 : 0)
}

/** From the leaves down: the kernel removes only what nothing is in and nothing points to. */
async function removeTarget(iqn: string, name: string): Promise<void> {
  const group = groupOf(iqn)
  if (await isThere(group)) {
    // It ends sessions. Refused with EINVAL when the group is disabled already.
    await setEnabled(iqn, false).catch(() => {})
    for (const portal of await namesIn(join(group, 'np'))) await removeObject(join(group, 'np', portal))
    await unlinkObject(join(group, 'lun/lun_0', name))
    await removeObject(join(group, 'lun/lun_0'))
    await removeObject(group)
  }
  await removeObject(join(ISCSI, iqn))
  await removeObject(join(ADAPTER, name))
}

/** `discovery_auth` stands beside the targets. */
async function targets(): Promise<readonly string[]> {
  return (await namesIn(ISCSI)).filter((name) => name.startsWith('iqn.'))
}

function initiatorsOf(iqn: string): readonly string[] {
  try {
    const text = readFileSync(join(groupOf(iqn), 'dynamic_sessions'), 'utf8')
    return text.split(/[\n\0]/).filter((name) => name !== '')
  } catch {
    return []
  }
}

async function close(): Promise<void> {
  await removeObject(ADAPTER).catch(() => {})
}

const groupOf = (iqn: string) => join(ISCSI, iqn, 'tpgt_1')

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
