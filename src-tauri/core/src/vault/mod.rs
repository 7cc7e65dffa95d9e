//! (joined when all rooms stand)
