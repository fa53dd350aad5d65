/** More no index has, of whatever tree: about 250 bytes a file. A bomb of gzip has. */
export const INDEX_BYTES = 512 * 1024 * 1024;
