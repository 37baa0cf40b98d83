// The version of what is stored, in every record: raised when a record is written that an earlier Bellows would
// misread. It is stamped and checked where records pass to and from the store (control/records/checked-store.ts), and,
// for the change list, which lies below that, in control/store/copy/change-list.ts.
export const schemaVersion = 1;
