package datafile

// OpenWaiting is Open with another patience.
var OpenWaiting = open
