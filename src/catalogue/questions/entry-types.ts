/** Directory entry types, as the column `kind` has them: those that queries have to tell apart. */
export const DIRECTORY_TYPE = 4;
export const FILE_TYPE = 8;
