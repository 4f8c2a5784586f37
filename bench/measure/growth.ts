/** Resident memory of one process, bytes: before anybody joined, with the first joined, with all joined. */
export interface Readings {
  readonly fresh: number;
  readonly warm: number;
  readonly full: number;
}

/** How many are joined at the last two of them. */
export interface Crowd {
  readonly warm: number;
  readonly full: number;
}

/** What the process grew by, code and buffers that are needed once included, shared among all: KB each. */
export const wholeGrowth = ({ fresh, full }: Readings, crowd: Crowd): number =>
  kilobytesEach(full - fresh, crowd.full);

/** What those who came last added, KB each. */
export const furtherGrowth = ({ warm, full }: Readings, crowd: Crowd): number =>
  kilobytesEach(full - warm, crowd.full - crowd.warm);

export const kilobytesEach = (bytes: number, count: number): number => bytes / 1024 / count;
