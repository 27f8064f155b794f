/** Takes a mistake of an environment: the field, and what is wrong and what would be right. */
export type Report = (field: string, message: string) => void;
