/** Where the cloud says that it is: a region with one zone. */
export const region = 'us-east-1';
export const zone = 'us-east-1a';
export const zoneId = 'use1-az1';
/** Debian's account, which owns the official images. */
export const debianAccount = '136693071363';
