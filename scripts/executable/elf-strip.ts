/**
 * Takes the symbol tables off an executable, as `strip --strip-all` does.
 *
 * Ours, because binutils strips only for the architecture it was built for and differs from version to version:
 * with this, any machine makes the same bytes for any architecture. Loading needs segments only, so whatever no
 * segment holds goes: .symtab, .strtab, .comment, debug sections. Only 64-bit little-endian files are known.
 *
 * @see elf(5) for the offsets
 */
export function stripSymbols(file: Buffer): Buffer {
  if (file.readUInt32BE(0) !== ELF_MAGIC || file[4] !== CLASS_64 || file[5] !== LITTLE_ENDIAN)
    throw new Error('Cannot strip: this is not a 64-bit little-endian ELF file.')

  const sections = readSections(file)
  const loaded = sections.filter((section, index) => index === 0 || section.flags & SHF_ALLOC)
  if (loaded.some((section, index) => section !== sections[index]))
    throw new Error('Cannot strip: a section that is loaded follows one that is not, and would have to be renumbered.')

  const names = nameTable(loaded.map((section) => section.name))
  const body = file.subarray(0, Math.max(...loaded.map(endOf), ...readSegmentEnds(file)))
  const table = roundUp(body.length + names.bytes.length, 8)
  const headerSize = file.readUInt16LE(E_SHENTSIZE)

  const stripped = Buffer.alloc(table + (loaded.length + 1) * headerSize)
  body.copy(stripped)
  names.bytes.copy(stripped, body.length)

  loaded.forEach((section, index) => {
    const at = table + index * headerSize
    section.header.copy(stripped, at)
    stripped.writeUInt32LE(names.offsets[index]!, at + SH_NAME)
  })
  const own = table + loaded.length * headerSize
  stripped.writeUInt32LE(names.offsets[loaded.length]!, own + SH_NAME)
  stripped.writeUInt32LE(SHT_STRTAB, own + SH_TYPE)
  stripped.writeBigUInt64LE(BigInt(body.length), own + SH_OFFSET)
  stripped.writeBigUInt64LE(BigInt(names.bytes.length), own + SH_SIZE)
  stripped.writeBigUInt64LE(1n, own + SH_ADDRALIGN)

  stripped.writeBigUInt64LE(BigInt(table), E_SHOFF)
  stripped.writeUInt16LE(loaded.length + 1, E_SHNUM)
  stripped.writeUInt16LE(loaded.length, E_SHSTRNDX)
  return stripped
}

const ELF_MAGIC = 0x7f454c46
const CLASS_64 = 2
const LITTLE_ENDIAN = 1

/** Offsets in the file header. */
const E_PHOFF = 0x20
const E_SHOFF = 0x28
const E_PHENTSIZE = 0x36
const E_PHNUM = 0x38
const E_SHENTSIZE = 0x3a
const E_SHNUM = 0x3c
const E_SHSTRNDX = 0x3e

/** Offsets in a program header. */
const P_OFFSET = 0x08
const P_FILESZ = 0x20

/** Offsets in a section header. */
const SH_NAME = 0x00
const SH_TYPE = 0x04
const SH_FLAGS = 0x08
const SH_OFFSET = 0x18
const SH_SIZE = 0x20
const SH_ADDRALIGN = 0x30

const SHT_STRTAB = 3
const SHT_NOBITS = 8
const SHF_ALLOC = 2

interface Section {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly size: number
  readonly header: Buffer
}

function readSections(file: Buffer): readonly Section[] {
  const headerSize = file.readUInt16LE(E_SHENTSIZE)
  const headers = Array.from({ length: file.readUInt16LE(E_SHNUM) }, (_, index) => {
    const at = Number(file.readBigUInt64LE(E_SHOFF)) + index * headerSize
    return file.subarray(at, at + headerSize)
  })
  const names = Number(headers[file.readUInt16LE(E_SHSTRNDX)]!.readBigUInt64LE(SH_OFFSET))

  return headers.map((header) => {
    const name = names + header.readUInt32LE(SH_NAME)
    return {
      name: file.toString('latin1', name, file.indexOf(0, name)),
      type: header.readUInt32LE(SH_TYPE),
      flags: Number(header.readBigUInt64LE(SH_FLAGS)),
      offset: Number(header.readBigUInt64LE(SH_OFFSET)),
      size: Number(header.readBigUInt64LE(SH_SIZE)),
      header,
    }
  })
}

function readSegmentEnds(file: Buffer): readonly number[] {
  return Array.from({ length: file.readUInt16LE(E_PHNUM) }, (_, index) => {
    const at = Number(file.readBigUInt64LE(E_PHOFF)) + index * file.readUInt16LE(E_PHENTSIZE)
    return Number(file.readBigUInt64LE(at + P_OFFSET)) + Number(file.readBigUInt64LE(at + P_FILESZ))
  })
}

function endOf(section: Section): number {
  return section.type === SHT_NOBITS ? 0 : section.offset + section.size
}

/** The names, and the table's own after them, each ended by a zero; and where each begins. */
function nameTable(names: readonly string[]): { bytes: Buffer; offsets: readonly number[] } {
  const offsets: number[] = []
  let text = ''
  for (const name of [...names, '.shstrtab']) {
    offsets.push(text.length)
    text += `${name}\0`
  }
  return { bytes: Buffer.from(text, 'latin1'), offsets }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step
}
