//! libvirt's typed parameters, read from the memory that it filled.
//!
//! Apart from the calls, so that Miri, which cannot call C, can watch it:
//! `cargo +nightly miri test --features libvirt --test replay typed_params`.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::os::raw::c_int;

use virt::sys;

/// Whole numbers by libvirt's names; what is no such number, or negative, is left out.
///
/// # Safety
/// `params` is null, or `count` filled parameters are there and stay as they are during the call.
pub(super) unsafe fn read(params: *const sys::virTypedParameter, count: c_int) -> Vec<(String, u64)> {
    // SAFETY: the caller vouches for them.
    let found = unsafe { all(params, count) };
    found.iter().filter_map(|param| Some((name(param), number(param)?))).collect()
}

/// Whole numbers and texts by libvirt's names, as `virsh` prints them; what is neither, or negative, is left out.
///
/// # Safety
/// As of [`read`]; a text ends with a zero byte.
pub(super) unsafe fn words(params: *const sys::virTypedParameter, count: c_int) -> Vec<(String, String)> {
    // SAFETY: the caller vouches for them.
    let found = unsafe { all(params, count) };
    found.iter().filter_map(|param| Some((name(param), text(param)?))).collect()
}

/// # Safety
/// As of [`read`], for as long as they are looked at.
unsafe fn all<'a>(params: *const sys::virTypedParameter, count: c_int) -> &'a [sys::virTypedParameter] {
    match params.is_null() {
        true => &[],
        // SAFETY: not null, so the caller vouches for so many of them.
        false => unsafe { std::slice::from_raw_parts(params, usize::try_from(count).unwrap_or(0)) },
    }
}

fn text(param: &sys::virTypedParameter) -> Option<String> {
    if u32::try_from(param.type_).ok() != Some(sys::VIR_TYPED_PARAM_STRING) {
        return number(param).map(|number| number.to_string());
    }
    // SAFETY: the type says that libvirt has written this member.
    let start = unsafe { param.value.s };
    // SAFETY: not null, and the caller vouches for its end.
    (!start.is_null()).then(|| unsafe { CStr::from_ptr(start) }.to_string_lossy().into_owned())
}

fn name(param: &sys::virTypedParameter) -> String {
    // A C string in an array; its end may be the array's.
    let bytes = param.field.iter().map(|c| c.to_ne_bytes()[0]).take_while(|byte| *byte != 0).collect::<Vec<u8>>();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn number(param: &sys::virTypedParameter) -> Option<u64> {
    let kind = u32::try_from(param.type_).ok()?;
    // SAFETY: the type says which member libvirt has written.
    unsafe {
        match kind {
            sys::VIR_TYPED_PARAM_INT => u64::try_from(param.value.i).ok(),
            sys::VIR_TYPED_PARAM_UINT => Some(u64::from(param.value.ui)),
            sys::VIR_TYPED_PARAM_LLONG => u64::try_from(param.value.l).ok(),
            sys::VIR_TYPED_PARAM_ULLONG => Some(param.value.ul),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parameter of a type, of which no more is written than its member.
    fn param(name: &str, kind: u32, write: impl FnOnce(&mut sys::virTypedParameter)) -> sys::virTypedParameter {
        // SAFETY: integers, an array of them and a union of such and of pointers: all zero is a value of each.
        let mut param: sys::virTypedParameter = unsafe { std::mem::zeroed() };
        for (place, byte) in param.field.iter_mut().zip(name.bytes()) {
            *place = byte.cast_signed();
        }
        param.type_ = kind as c_int;
        write(&mut param);
        param
    }

    #[test]
    fn numbers_are_read_by_their_type() {
        let long = "x".repeat(200);
        let params = [
            param("int", sys::VIR_TYPED_PARAM_INT, |p| p.value.i = 7),
            param("negative", sys::VIR_TYPED_PARAM_INT, |p| p.value.i = -1),
            param("uint", sys::VIR_TYPED_PARAM_UINT, |p| p.value.ui = u32::MAX),
            param("llong", sys::VIR_TYPED_PARAM_LLONG, |p| p.value.l = i64::MAX),
            param("below", sys::VIR_TYPED_PARAM_LLONG, |p| p.value.l = i64::MIN),
            param("ullong", sys::VIR_TYPED_PARAM_ULLONG, |p| p.value.ul = u64::MAX),
            param("double", sys::VIR_TYPED_PARAM_DOUBLE, |p| p.value.d = 1.0),
            param("string", sys::VIR_TYPED_PARAM_STRING, |_| ()),
            param("unknown", 99, |_| ()),
            // A name that fills its array has no end of its own.
            param(&long, sys::VIR_TYPED_PARAM_INT, |p| p.value.i = 1),
        ];
        // SAFETY: an array of that length.
        let read = unsafe { read(params.as_ptr(), params.len() as c_int) };
        let named: Vec<(&str, u64)> = read.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let length = params[0].field.len();
        assert_eq!(
            named,
            [
                ("int", 7),
                ("uint", u64::from(u32::MAX)),
                ("llong", i64::MAX.cast_unsigned()),
                ("ullong", u64::MAX),
                (&long[..length], 1),
            ]
        );
    }

    #[test]
    fn words_are_as_virsh_prints_them() {
        let mode = c"page-sampling";
        let params = [
            param("dirtyrate.calc_status", sys::VIR_TYPED_PARAM_INT, |p| p.value.i = 2),
            param("dirtyrate.calc_mode", sys::VIR_TYPED_PARAM_STRING, |p| p.value.s = mode.as_ptr().cast_mut()),
            param("nothing", sys::VIR_TYPED_PARAM_STRING, |p| p.value.s = std::ptr::null_mut()),
            param("negative", sys::VIR_TYPED_PARAM_LLONG, |p| p.value.l = -1),
        ];
        // SAFETY: an array of that length, and a text that outlives it.
        let read = unsafe { words(params.as_ptr(), params.len() as c_int) };
        let read: Vec<(&str, &str)> = read.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect();
        assert_eq!(read, [("dirtyrate.calc_status", "2"), ("dirtyrate.calc_mode", "page-sampling")]);
    }

    #[test]
    fn where_there_are_none_none_are_read() {
        let one = param("one", sys::VIR_TYPED_PARAM_INT, |_| ());
        // SAFETY: null, and a length of none.
        let found = unsafe { [read(std::ptr::null(), 3), read(&raw const one, 0), read(&raw const one, -1)] };
        assert!(found.iter().all(Vec::is_empty));
    }
}
