//! The same code compiled twice: for any processor, and for one whose registers hold four numbers.
//!
//! Both give the same bits, as no operation rounds otherwise in a wider register; which one runs is asked of the processor.
#![allow(unsafe_code)]

use super::expected::Expected;
use super::memory::Synced;

/// Calls `$plain`, in wide registers by way of `$wide` where there are some.
macro_rules! widely {
    ($name:ident, $wide:ident, $plain:ident, ($($word:ident: $kind:ty)?) $(-> $found:ty)?) => {
        #[inline]
        pub(super) fn $name(&mut self, $($word: $kind)?) $(-> $found)? {
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has just said that it has what the function was compiled for.
                return unsafe { self.$wide($($word)?) };
            }
            self.$plain($($word)?)
        }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn $wide(&mut self, $($word: $kind)?) $(-> $found)? {
            self.$plain($($word)?)
        }
    };
}

impl Expected {
    widely!(sync_widely, sync_in_avx2, sync_in_place, (writes: &[u64]) -> Synced);
    widely!(seek, seek_in_avx2, seek_in_place, ());
}
